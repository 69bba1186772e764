process CLRNA_EXPLAIN {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0'
        : 'ghcr.io/clrna/clrna:0.1.0'}"

    input:
    tuple val(meta), path(model), path(samples)

    output:
    tuple val(meta), path("${prefix}.genes.tsv"), emit: genes
    tuple val(meta), path("${prefix}.genes.svg"), emit: figure
    tuple val("${task.process}"), val('clrna'), eval("clrna-explain --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    clrna-explain \\
        ${model} \\
        ${samples} \\
        --output ${prefix}.genes.tsv \\
        --figure ${prefix}.genes.svg \\
        --threads ${task.cpus} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.genes.tsv ${prefix}.genes.svg
    """
}
