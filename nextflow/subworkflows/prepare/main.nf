// From the rows of a samplesheet to one normalized file a study.

include { CLRNA_FETCH     } from '../../modules/clrna/fetch'
include { CLRNA_NORMALIZE } from '../../modules/clrna/normalize'
include { arguments       } from '../../functions/options'

workflow PREPARE {
    take:
    rows // channel: map with id, path or fetch, metadata, gene_map, studies and options of clrna-normalize
    label_map // list: no file or one
    fetch_from // list: files that clrna-fetch takes in place of the network

    main:
    // A task is told the name of its study and its own words, nothing of the other rows: what they do not change is
    // found again by -resume.
    source = rows.branch { row ->
        fetched: row.fetch
        given: true
    }
    CLRNA_FETCH(
        source.fetched.map { row -> [[id: row.id, args: arguments(params, 'fetch')], row.fetch] },
        fetch_from,
        'h5ad',
    )
    matrices = source.fetched
        .map { row -> [row.id, row] }
        .join(CLRNA_FETCH.out.data.map { meta, matrix -> [meta.id, matrix] })
        .map { _id, row, matrix -> [row, matrix] }
        .mix(source.given.map { row -> [row, row.path] })
        .multiMap { row, matrix ->
            matrix: [[id: row.id, args: argumentsOfStudy(row)], matrix]
            metadata: row.metadata ?: []
            gene_map: row.gene_map ?: []
        }
    CLRNA_NORMALIZE(matrices.matrix, matrices.metadata, label_map, matrices.gene_map)
    studies = CLRNA_NORMALIZE.out.h5ad.map { meta, h5ad -> [[id: meta.id], h5ad] }

    emit:
    studies = studies // channel: [ val(meta), path(h5ad) ]
}

def argumentsOfStudy(row) {
    def given = row.options + (row.studies ? [:] : [study: row.id])
    return arguments(params, 'normalize', given, ['split_by_study'])
}
