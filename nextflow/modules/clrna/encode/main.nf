process CLRNA_ENCODE {
    tag "$meta.id"
    label 'process_medium'
    label 'process_gpu'

    conda "${task.accelerator ? "${moduleDir}/environment.gpu.yml" : "${moduleDir}/environment.yml"}"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? (task.accelerator ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0-cuda' : 'oras://ghcr.io/clrna/clrna-sif:0.1.0')
        : (task.accelerator ? 'ghcr.io/clrna/clrna:0.1.0-cuda' : 'ghcr.io/clrna/clrna:0.1.0')}"

    input:
    tuple val(meta), path(samples)
    tuple val(meta2), path(model)
    path metadata, stageAs: 'metadata?/*', arity: '0..*'
    path gene_map, stageAs: 'genes/*'

    output:
    tuple val(meta), path("${prefix}.h5ad"), emit: h5ad
    tuple val("${task.process}"), val('clrna'), eval("clrna-encode --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    if ("$samples" == "${prefix}.h5ad") {
        error("Input and output names are the same, use \"task.ext.prefix\" to disambiguate!")
    }
    def tables = metadata ? [metadata].flatten().collect { table -> "--metadata ${table}" }.join(' ') : ''
    def genes = gene_map ? "--gene-map ${gene_map}" : ''
    """
    clrna-encode \\
        ${samples} \\
        --model ${model} \\
        --output ${prefix}.h5ad \\
        --device ${task.accelerator ? 'cuda' : 'cpu'} \\
        --threads ${task.cpus} \\
        ${tables} \\
        ${genes} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    if ("$samples" == "${prefix}.h5ad") {
        error("Input and output names are the same, use \"task.ext.prefix\" to disambiguate!")
    }
    """
    touch ${prefix}.h5ad
    """
}
