process CLRNA_BASELINE {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0'
        : 'ghcr.io/clrna/clrna:0.1.0'}"

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.h5ad"), emit: h5ad
    tuple val(meta), path("${prefix}.design.tsv"), emit: design_report
    tuple val("${task.process}"), val('clrna'), eval("clrna-baseline --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    if ("$h5ad" == "${prefix}.h5ad") {
        error("Input and output names are the same, use \"task.ext.prefix\" to disambiguate!")
    }
    """
    clrna-baseline \\
        ${h5ad} \\
        --output ${prefix}.h5ad \\
        --design-report ${prefix}.design.tsv \\
        --threads ${task.cpus} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    if ("$h5ad" == "${prefix}.h5ad") {
        error("Input and output names are the same, use \"task.ext.prefix\" to disambiguate!")
    }
    """
    touch ${prefix}.h5ad ${prefix}.design.tsv
    """
}
