// Train a model, or several side by side, and encode each study by itself with each of them.

include { CLRNA_TRAIN  } from '../../modules/clrna/train'
include { CLRNA_ENCODE } from '../../modules/clrna/encode'
include { arguments    } from '../../functions/options'

workflow TRAIN_AND_ENCODE {
    take:
    trainings // channel: [ map with id and options of clrna-train, path(merged) ]
    studies // channel: [ val(meta) with id, path(h5ad) ]
    order // list of the studies' ids
    start // value channel: the model that trainings start from, or []

    main:
    CLRNA_TRAIN(
        trainings.map { training, h5ad -> [[id: training.id, args: arguments(params, 'train', training.options)], h5ad] },
        start,
    )
    model = CLRNA_TRAIN.out.model.map { meta, file -> [[id: meta.id], file] }
    history = CLRNA_TRAIN.out.history.map { meta, file -> [[id: meta.id], file] }
    ENCODE_STUDIES(model, studies, order)
    encoded = ENCODE_STUDIES.out.encoded

    emit:
    model = model // channel: [ val(meta), path(model) ]
    history = history // channel: [ val(meta), path(history) ]
    encoded = encoded // channel: [ val(training id), list of path(h5ad) ]
}

workflow ENCODE_STUDIES {
    take:
    models // channel: [ val(meta) with id, path(model) ]
    studies // channel: [ val(meta) with id, path(h5ad) ]
    order // list of the studies' ids

    main:
    def words = arguments(params, 'encode') // the same for all pairs
    pairs = models
        .combine(studies)
        .multiMap { training, model, study, h5ad ->
            def id = training.id == 'clrna' ? "${study.id}.encoded" : "${study.id}.${training.id}"
            study: [[id: id.toString(), study: study.id, training: training.id, args: words], h5ad]
            model: [training, model]
        }
    CLRNA_ENCODE(pairs.study, pairs.model, [], [])
    encoded = CLRNA_ENCODE.out.h5ad
        .map { meta, h5ad -> [groupKey(meta.training, order.size()), [order.indexOf(meta.study), h5ad]] }
        .groupTuple()
        .map { training, files -> [training.toString(), files.sort { one, two -> one[0] <=> two[0] }.collect { item -> item[1] }] }

    emit:
    encoded = encoded // channel: [ val(training id), list of path(h5ad) ]
}
