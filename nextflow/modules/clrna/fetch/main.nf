process CLRNA_FETCH {
    tag "$meta.id"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0'
        : 'ghcr.io/clrna/clrna:0.1.0'}"

    input:
    tuple val(meta), val(name)
    path files, stageAs: 'downloaded/*', arity: '0..*'
    val format

    output:
    tuple val(meta), path("${prefix}.${format}"), emit: data
    tuple val("${task.process}"), val('clrna'), eval("clrna-fetch --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    def from = files ? '--from downloaded' : ''
    """
    clrna-fetch \\
        '${name}' \\
        --output ${prefix}.${format} \\
        --threads ${task.cpus} \\
        ${from} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.${format}
    """
}
