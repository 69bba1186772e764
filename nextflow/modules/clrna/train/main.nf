process CLRNA_TRAIN {
    tag "$meta.id"
    label 'process_high'
    label 'process_gpu'

    conda "${task.accelerator ? "${moduleDir}/environment.gpu.yml" : "${moduleDir}/environment.yml"}"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? (task.accelerator ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0-cuda' : 'oras://ghcr.io/clrna/clrna-sif:0.1.0')
        : (task.accelerator ? 'ghcr.io/clrna/clrna:0.1.0-cuda' : 'ghcr.io/clrna/clrna:0.1.0')}"

    input:
    tuple val(meta), path(h5ad)
    path start, stageAs: 'start/*'

    output:
    tuple val(meta), path("${prefix}.safetensors"), emit: model
    tuple val(meta), path("${prefix}.history.tsv"), emit: history
    tuple val(meta), path("${prefix}.card.md"), emit: card
    tuple val("${task.process}"), val('clrna'), eval("clrna-train --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    def begin = start ? "--start ${start}" : ''
    """
    clrna-train \\
        ${h5ad} \\
        --output ${prefix}.safetensors \\
        --history ${prefix}.history.tsv \\
        --card ${prefix}.card.md \\
        --device ${task.accelerator ? 'cuda' : 'cpu'} \\
        --threads ${task.cpus} \\
        ${begin} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.safetensors ${prefix}.history.tsv ${prefix}.card.md
    """
}
