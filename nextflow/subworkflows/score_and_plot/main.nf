// Score each training's codes beside the baselines, and write its report.

include { CLRNA_SCORE } from '../../modules/clrna/score'
include { CLRNA_PLOT  } from '../../modules/clrna/plot'
include { arguments   } from '../../functions/options'

workflow SCORE_AND_PLOT {
    take:
    encoded // channel: [ val(training id), list of path(h5ad) ]
    baselines // channel of one list: path(h5ad) of all samples, with the baselines or without
    history // channel: [ val(meta), path(history) ]

    main:
    def words = ['score', 'plot'].collectEntries { step -> [step, arguments(params, step)] } // the same for all trainings
    files = encoded
        .combine(baselines.map { list -> [list] })
        .map { id, codes, first -> [id, first + codes] }
    CLRNA_SCORE(files.map { id, h5ads -> [[id: id, args: words.score], h5ads] })
    scores = CLRNA_SCORE.out.scores.map { meta, table -> [[id: meta.id], table] }

    reports = files
        .join(scores.map { meta, table -> [meta.id, table] })
        .join(history.map { meta, curves -> [meta.id, curves] })
        .multiMap { id, h5ads, table, curves ->
            h5ads: [[id: id, args: words.plot], h5ads]
            scores: table
            history: curves
        }
    CLRNA_PLOT(reports.h5ads, reports.scores, reports.history, [], [], [], 'html')
    mqc = CLRNA_SCORE.out.mqc
    report = CLRNA_PLOT.out.plot

    emit:
    scores = scores // channel: [ val(meta), path(tsv) ]
    mqc = mqc // channel: [ val(meta), path(json) ]
    report = report // channel: [ val(meta), path(html) ]
}
