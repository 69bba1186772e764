process CLRNA_NORMALIZE {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'oras://ghcr.io/clrna/clrna-sif:0.1.0'
        : 'ghcr.io/clrna/clrna:0.1.0'}"

    input:
    tuple val(meta), path(matrices, stageAs: 'input?/*', arity: '1..*')
    path metadata, stageAs: 'metadata?/*', arity: '0..*'
    path label_map, stageAs: 'labels/*'
    path gene_map, stageAs: 'genes/*'

    output:
    tuple val(meta), path("${prefix}.h5ad"), emit: h5ad
    tuple val(meta), path("${prefix}.genes.tsv"), emit: gene_report
    tuple val(meta), path("${prefix}.labels.tsv"), emit: label_report
    tuple val(meta), path("${prefix}.studies.tsv"), emit: study_report
    tuple val("${task.process}"), val('clrna'), eval("clrna-normalize --version | sed 's/.* //'"), topic: versions, emit: versions_clrna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    def tables = metadata ? [metadata].flatten().collect { table -> "--metadata ${table}" }.join(' ') : ''
    def labels = label_map ? "--label-map ${label_map}" : ''
    def genes = gene_map ? "--gene-map ${gene_map}" : ''
    """
    clrna-normalize \\
        ${matrices} \\
        --output ${prefix}.h5ad \\
        --gene-report ${prefix}.genes.tsv \\
        --label-report ${prefix}.labels.tsv \\
        --study-report ${prefix}.studies.tsv \\
        --threads ${task.cpus} \\
        ${tables} \\
        ${labels} \\
        ${genes} \\
        ${args2} \\
        ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.h5ad ${prefix}.genes.tsv ${prefix}.labels.tsv ${prefix}.studies.tsv
    """
}
