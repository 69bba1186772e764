// The whole way: normalize, merge, train once or several times, encode, score beside the baselines, report.

include { PREPARE          } from '../subworkflows/prepare'
include { TRAIN_AND_ENCODE } from '../subworkflows/train_and_encode'
include { SCORE_AND_PLOT   } from '../subworkflows/score_and_plot'
include { CLRNA_BASELINE   } from '../modules/clrna/baseline'
include { MULTIQC          } from '../modules/multiqc'
include { arguments        } from '../functions/options'

workflow CLRNA {
    take:
    rows // channel: val(meta), a row of the samplesheet
    trainings // list of maps with id and options of clrna-train
    n_studies // number of studies in all rows
    label_map // list: no file or one
    fetch_from // list of files

    main:
    PREPARE(rows, label_map, fetch_from)
    merged = PREPARE.out.merged
    TRAIN_AND_ENCODE(
        channel.fromList(trainings).combine(merged.map { _meta, h5ad -> h5ad }),
        PREPARE.out.studies,
    )
    // A single study has no batch to correct.
    if (params.baselines && n_studies > 1) {
        CLRNA_BASELINE(merged.map { _meta, h5ad -> [[id: 'baselines', args: arguments(params, 'baseline')], h5ad] })
        beside = CLRNA_BASELINE.out.h5ad
    } else {
        beside = merged
    }
    SCORE_AND_PLOT(
        TRAIN_AND_ENCODE.out.model.map { meta, _model -> meta },
        TRAIN_AND_ENCODE.out.encoded,
        beside.map { _meta, h5ad -> [h5ad] },
        TRAIN_AND_ENCODE.out.history,
    )
    if (params.multiqc) {
        MULTIQC(
            SCORE_AND_PLOT.out.mqc
                .toSortedList { one, two -> one[0].id <=> two[0].id }
                .map { list -> [[id: 'multiqc'], list.collect { item -> item[1] }] }
        )
    }

    emit:
    model = TRAIN_AND_ENCODE.out.model // channel: [ val(meta), path(model) ]
    scores = SCORE_AND_PLOT.out.scores // channel: [ val(meta), path(tsv) ]
}
