// The two ways through the pipeline. They stand in one file, since the strict parser of 25.04 takes a file that includes
// others only once.

include { PREPARE                          } from '../subworkflows/prepare'
include { MERGE                            } from '../subworkflows/merge'
include { TRAIN_AND_ENCODE; ENCODE_STUDIES } from '../subworkflows/train_and_encode'
include { SCORE_AND_PLOT                   } from '../subworkflows/score_and_plot'
include { CLRNA_BASELINE                   } from '../modules/clrna/baseline'
include { CLRNA_FETCH as FETCH_MODEL       } from '../modules/clrna/fetch'
include { CLRNA_MATCH                      } from '../modules/clrna/match'
include { CLRNA_PLOT                       } from '../modules/clrna/plot'
include { CLRNA_EXPLAIN                    } from '../modules/clrna/explain'
include { MULTIQC                          } from '../modules/multiqc'
include { MULTIQC_VERSION                  } from '../modules/local/multiqc_version'
include { arguments                        } from '../functions/options'
include { isModelName                      } from '../functions/parameters'
include { versionsTable                    } from '../functions/summary'

// The whole way: normalize, merge, train once or several times, encode, score beside the baselines, report.
workflow CLRNA {
    take:
    rows // list of maps, one a row of the samplesheet
    trainings // list of maps with id and options of clrna-train
    n_studies // number of studies in all rows
    label_map // list: no file or one
    fetch_from // list of files
    start // file or name of the model that trainings start from, null for none

    main:
    def order = rows.collect { row -> row.id }
    PREPARE(channel.fromList(rows), label_map, fetch_from)
    MERGE(PREPARE.out.studies, order)
    merged = MERGE.out.merged.map { _meta, h5ad -> h5ad }
    // Training waits until MultiQC is known to start: a lacking program or image must not end the run after hours.
    ready = channel.of('ready')
    if (params.multiqc) {
        MULTIQC_VERSION()
        ready = MULTIQC_VERSION.out.versions_multiqc.map { _process, _tool, _version -> 'ready' }
    }
    if (start && isModelName(start)) {
        FETCH_MODEL(channel.of([[id: start], start]), [], 'safetensors')
        begin = FETCH_MODEL.out.data.map { _meta, file -> file }.first()
    } else {
        begin = channel.value(start ?: [])
    }
    TRAIN_AND_ENCODE(
        channel.fromList(trainings).combine(merged).combine(ready).map { training, h5ad, _ready -> [training, h5ad] },
        PREPARE.out.studies,
        order,
        begin,
    )
    // A single study has no batch to correct.
    if (params.baselines && n_studies > 1) {
        CLRNA_BASELINE(merged.map { h5ad -> [[id: 'baselines', args: arguments(params, 'baseline')], h5ad] })
        beside = CLRNA_BASELINE.out.h5ad.map { _meta, h5ad -> [h5ad] }
    } else {
        beside = merged.map { h5ad -> [h5ad] }
    }
    SCORE_AND_PLOT(TRAIN_AND_ENCODE.out.encoded, beside, TRAIN_AND_ENCODE.out.history)
    if (params.multiqc) {
        // MULTIQC itself is not on the topic: it would wait for its own version.
        versions = versionsTable(channel.topic('versions')).collectFile(name: 'clrna_mqc_versions.yml', sort: true)
        MULTIQC(
            SCORE_AND_PLOT.out.mqc
                .toSortedList { one, two -> one[0].id <=> two[0].id }
                .map { list -> list.collect { item -> item[1] } }
                .combine(versions)
                .map { files -> [[id: 'multiqc'], files] }
        )
    }

    model = TRAIN_AND_ENCODE.out.model
    scores = SCORE_AND_PLOT.out.scores

    emit:
    model = model // channel: [ val(meta), path(model) ]
    scores = scores // channel: [ val(meta), path(tsv) ]
}

// Encode studies with a model that is given, and show the codes. There are no scores, so nothing for MultiQC.
workflow ENCODE {
    take:
    rows // list of maps, one a row of the samplesheet
    model // file, or the name of a model that comes with the package
    label_map // list: no file or one
    fetch_from // list of files

    main:
    PREPARE(channel.fromList(rows), label_map, fetch_from)
    if (isModelName(model)) {
        FETCH_MODEL(channel.of([[id: model], model]), [], 'safetensors')
        chosen = FETCH_MODEL.out.data.map { _meta, file -> file }.first()
    } else {
        chosen = channel.value(model)
    }
    ENCODE_STUDIES(
        chosen.map { file -> [[id: 'clrna'], file] },
        PREPARE.out.studies,
        rows.collect { row -> row.id },
    )
    // Against the samples whose codes the model holds; each study by itself.
    matches = channel.value([])
    if (params.match) {
        CLRNA_MATCH(
            ENCODE_STUDIES.out.encoded
                .flatMap { _id, h5ads -> h5ads }
                .map { h5ad -> [[id: h5ad.baseName.replaceFirst(/\.encoded$/, ''), args: arguments(params, 'match')], h5ad] },
            chosen,
        )
        matches = CLRNA_MATCH.out.matches.map { _meta, table -> table }.toSortedList { one, two -> one.name <=> two.name }
    }
    genes = channel.value([])
    if (params.explain) {
        // Samples are encoded as clrna-encode was told to.
        def as_encoded = ['adapt', 'adapt_min_samples', 'min_coverage', 'chunk_size'].collectEntries { name ->
            [name, params["encode_${name}".toString()]]
        }
        def words = arguments(params, 'explain', as_encoded)
        CLRNA_EXPLAIN(
            PREPARE.out.studies.combine(chosen).map { study, h5ad, file -> [[id: study.id, args: words], file, h5ad] }
        )
        genes = CLRNA_EXPLAIN.out.genes.map { _meta, table -> table }.toSortedList { one, two -> one.name <=> two.name }
    }
    // The codes alone are drawn: that needs no file in which all studies are merged.
    CLRNA_PLOT(
        ENCODE_STUDIES.out.encoded.map { _id, h5ads -> [[id: 'report', args: arguments(params, 'plot')], h5ads] },
        [],
        [],
        params.match ? chosen : [], // a model that cannot be matched with holds no samples to draw either
        matches,
        genes,
        'html',
    )
}
