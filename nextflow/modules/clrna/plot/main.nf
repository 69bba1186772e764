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
    path reference, stageAs: 'reference/*'
    path matches, stageAs: 'matches?/*'
    path genes, stageAs: 'genes?/*'
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
    def behind = reference ? "--reference ${reference}" : ''
    def nearest = (matches instanceof List ? matches : [matches]).collect { file -> "--matches ${file}" }.join(' ')
    def reasons = (genes instanceof List ? genes : [genes]).collect { file -> "--genes ${file}" }.join(' ')
    def curves = history ? "--history ${history}" : ''
    """
    clrna-plot \\
        ${h5ads} \\
        --output ${prefix}.${format} \\
        ${table} \\
        ${curves} \\
        ${behind} \\
        ${nearest} \\
        ${reasons} \\
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
