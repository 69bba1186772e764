// Score each training's codes beside the baselines, and write its report.

include { CLRNA_SCORE } from '../../modules/clrna/score'
include { CLRNA_PLOT  } from '../../modules/clrna/plot'
include { arguments   } from '../../functions/options'

workflow SCORE_AND_PLOT {
    take:
    trainings // channel: val(meta) with id
    encoded // channel: [ val(training id), list of path(h5ad) ]
    baselines // channel of one list: path(h5ad) of all samples, with the baselines or without
    history // channel: [ val(meta), path(history) ]

    main:
    files = trainings
        .map { meta -> [meta.id, meta] }
        .join(encoded)
        .combine(baselines.map { list -> [list] })
        .map { _id, meta, codes, first -> [meta, first + codes] }
    CLRNA_SCORE(files.map { meta, h5ads -> [meta + [args: arguments(params, 'score')], h5ads] })

    reports = files
        .map { meta, h5ads -> [meta.id, meta, h5ads] }
        .join(CLRNA_SCORE.out.scores.map { meta, scores -> [meta.id, scores] })
        .join(history.map { meta, curves -> [meta.id, curves] })
        .multiMap { _id, meta, h5ads, scores, curves ->
            h5ads: [meta + [args: arguments(params, 'plot')], h5ads]
            scores: scores
            history: curves
        }
    CLRNA_PLOT(reports.h5ads, reports.scores, reports.history, 'html')

    emit:
    scores = CLRNA_SCORE.out.scores // channel: [ val(meta), path(tsv) ]
    mqc = CLRNA_SCORE.out.mqc // channel: [ val(meta), path(json) ]
    report = CLRNA_PLOT.out.plot // channel: [ val(meta), path(html) ]
}
