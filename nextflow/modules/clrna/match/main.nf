process CLRNA_MATCH {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0'
        : 'ghcr.io/clrna/clrna:0.1.0'}"

    input:
    tuple val(meta), path(h5ad, stageAs: 'input/*')
    path reference, stageAs: 'reference/*'

    output:
    tuple val(meta), path("${prefix}.matches.tsv"), emit: matches
    tuple val("${task.process}"), val('clrna'), eval("clrna-match --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    clrna-match \\
        ${h5ad} \\
        ${reference} \\
        --output ${prefix}.matches.tsv \\
        --threads ${task.cpus} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.matches.tsv
    """
}
