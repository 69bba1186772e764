// From the rows of a samplesheet to one normalized file a study and one file of all.

include { CLRNA_FETCH                      } from '../../modules/clrna/fetch'
include { CLRNA_NORMALIZE                  } from '../../modules/clrna/normalize'
include { CLRNA_NORMALIZE as CLRNA_MERGE   } from '../../modules/clrna/normalize'
include { arguments                        } from '../../functions/options'

workflow PREPARE {
    take:
    rows // channel: [ val(meta) with path or fetch, metadata, studies, options ]
    label_map // list: no file or one
    fetch_from // list: files that clrna-fetch takes in place of the network

    main:
    source = rows.branch { meta ->
        fetched: meta.fetch
        given: true
    }
    CLRNA_FETCH(
        source.fetched.map { meta -> [meta + [args: arguments(params, 'fetch')], meta.fetch] },
        fetch_from,
    )
    matrices = source.given
        .map { meta -> [meta, meta.path] }
        .mix(CLRNA_FETCH.out.data)
        .map { meta, matrix -> [meta + [args: argumentsOfStudy(meta)], matrix, meta.metadata ?: []] }
        .multiMap { meta, matrix, metadata ->
            matrix: [meta, matrix]
            metadata: metadata
        }
    CLRNA_NORMALIZE(matrices.matrix, matrices.metadata, label_map)

    studies = CLRNA_NORMALIZE.out.h5ad
    // In the order of the samplesheet, so that the same sheet gives the same file.
    in_order = studies
        .toSortedList { one, two -> one[0].order <=> two[0].order }
        .filter { list -> list.size() > 0 }
        .map { list -> [[id: 'merged', args: argumentsOfMerging()], list.collect { item -> item[1] }] }
    CLRNA_MERGE(in_order, [], [])

    emit:
    studies = studies // channel: [ val(meta), path(h5ad) ]
    merged = CLRNA_MERGE.out.h5ad // channel: [ val(meta), path(h5ad) ]
}

// What is decided when the studies are merged, and so has no meaning, or another one, for a study alone.
def mergingOptions() {
    return ['genes', 'min_class_size', 'split_fractions', 'split_by_study', 'copy_correlation', 'label_key', 'seed']
}

def argumentsOfStudy(meta) {
    def given = meta.options + (meta.studies ? [:] : [study: meta.id])
    return arguments(params, 'normalize', given, ['split_by_study'])
}

def argumentsOfMerging() {
    def others = arguments(params, 'normalize').tokenize(' ').collect { word ->
        word.replaceFirst(/^--/, '').replaceFirst(/=.*$/, '').replace('-', '_')
    }
    return arguments(params, 'normalize', [:], others - mergingOptions())
}
