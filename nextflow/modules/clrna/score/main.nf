process CLRNA_SCORE {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0'
        : 'ghcr.io/clrna/clrna:0.1.0'}"

    input:
    tuple val(meta), path(h5ads, stageAs: 'input?/*', arity: '1..*')

    output:
    tuple val(meta), path("${prefix}.scores.tsv"), emit: scores
    tuple val(meta), path("${prefix}.scores.json"), emit: json
    tuple val(meta), path("${prefix}_scores_mqc.json"), emit: mqc
    tuple val("${task.process}"), val('clrna'), eval("clrna-score --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    clrna-score \\
        ${h5ads} \\
        --output ${prefix}.scores.tsv \\
        --json ${prefix}.scores.json \\
        --mqc ${prefix}_scores_mqc.json \\
        --threads ${task.cpus} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.scores.tsv ${prefix}.scores.json ${prefix}_scores_mqc.json
    """
}
