process MULTIQC {
    tag "$meta.id"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'https://depot.galaxyproject.org/singularity/multiqc:1.25.1--pyhdfd78af_0'
        : 'quay.io/biocontainers/multiqc:1.25.1--pyhdfd78af_0'}"

    input:
    tuple val(meta), path(files, stageAs: 'input/?/*', arity: '1..*')

    output:
    tuple val(meta), path("${prefix}.html"), emit: report
    tuple val(meta), path("${prefix}_data"), emit: data
    // Not on the topic `versions`: a report that shows the topic's table would wait for itself.
    tuple val("${task.process}"), val('multiqc'), eval("multiqc --version | sed 's/.* //'"), emit: versions_multiqc

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    multiqc --force --filename ${prefix}.html ${args} .
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}_data
    touch ${prefix}.html
    """
}
