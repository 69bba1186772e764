// From the normalized studies to one file of all.

include { CLRNA_NORMALIZE as CLRNA_MERGE               } from '../../modules/clrna/normalize'
include { arguments; optionsOf; sharedOptionsOf } from '../../functions/options'

workflow MERGE {
    take:
    studies // channel: [ val(meta) with id, path(h5ad) ]
    order // list of ids: the order of the samplesheet, so that the same sheet gives the same file

    main:
    in_order = studies
        .toSortedList { one, two -> order.indexOf(one[0].id) <=> order.indexOf(two[0].id) }
        .filter { list -> list.size() > 0 }
        .map { list -> [[id: 'merged', args: argumentsOfMerging()], list.collect { item -> item[1] }] }
    CLRNA_MERGE(in_order, [], [], [])
    merged = CLRNA_MERGE.out.h5ad

    emit:
    merged = merged // channel: [ val(meta), path(h5ad) ]
}

// What is decided when the studies are merged, and so has no meaning, or another one, for a study alone.
def mergingOptions() {
    return ['genes', 'min_class_size', 'split_fractions', 'split_by_study', 'copy_correlation', 'label_key', 'seed']
}

def argumentsOfMerging() {
    return arguments(params, 'normalize', [:], optionsOf('normalize') + sharedOptionsOf('normalize') - mergingOptions())
}
