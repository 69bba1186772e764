// Train a model, or several side by side, and encode each study by itself with each of them.

include { CLRNA_TRAIN  } from '../../modules/clrna/train'
include { CLRNA_ENCODE } from '../../modules/clrna/encode'
include { arguments    } from '../../functions/options'

workflow TRAIN_AND_ENCODE {
    take:
    trainings // channel: [ val(meta) with id and options, path(merged) ]
    studies // channel: [ val(meta), path(h5ad) ]

    main:
    CLRNA_TRAIN(trainings.map { meta, h5ad -> [meta + [args: arguments(params, 'train', meta.options)], h5ad] })
    ENCODE_STUDIES(CLRNA_TRAIN.out.model, studies)

    emit:
    model = CLRNA_TRAIN.out.model // channel: [ val(meta), path(model) ]
    history = CLRNA_TRAIN.out.history // channel: [ val(meta), path(history) ]
    encoded = ENCODE_STUDIES.out.encoded // channel: [ val(training id), list of path(h5ad) ]
}

workflow ENCODE_STUDIES {
    take:
    models // channel: [ val(meta) with id, path(model) ]
    studies // channel: [ val(meta), path(h5ad) ]

    main:
    pairs = models
        .combine(studies)
        .map { training, model, study, h5ad ->
            def meta = [
                id: training.id == 'clrna' ? "${study.id}.encoded" : "${study.id}.${training.id}",
                order: study.order,
                of: study.of,
                training: training.id,
                args: arguments(params, 'encode'),
            ]
            [meta, h5ad, training, model]
        }
        .multiMap { meta, h5ad, training, model ->
            study: [meta, h5ad]
            model: [training, model]
        }
    CLRNA_ENCODE(pairs.study, pairs.model)
    encoded = CLRNA_ENCODE.out.h5ad
        .map { meta, h5ad -> [groupKey(meta.training, meta.of), [meta.order, h5ad]] }
        .groupTuple()
        .map { training, files -> [training.toString(), files.sort { one, two -> one[0] <=> two[0] }.collect { item -> item[1] }] }

    emit:
    encoded = encoded // channel: [ val(training id), list of path(h5ad) ]
}
