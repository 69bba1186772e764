process CLRNA_PLOT {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0'
        : 'ghcr.io/clrna/clrna:0.1.0'}"

    input:
    tuple val(meta), path(h5ads, stageAs: 'input?/*', arity: '1..*')
    path scores, stageAs: 'scores/*'
    path history, stageAs: 'history/*'
    val format

    output:
    tuple val(meta), path("${prefix}.${format}"), emit: plot
    tuple val("${task.process}"), val('clrna'), eval("clrna-plot --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    def table = scores ? "--scores ${scores}" : ''
    def curves = history ? "--history ${history}" : ''
    """
    clrna-plot \\
        ${h5ads} \\
        --output ${prefix}.${format} \\
        ${table} \\
        ${curves} \\
        --threads ${task.cpus} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.${format}
    """
}
