// Encode studies with a model that is given, and show the codes.

include { PREPARE        } from '../subworkflows/prepare'
include { ENCODE_STUDIES } from '../subworkflows/train_and_encode'
include { CLRNA_PLOT     } from '../modules/clrna/plot'
include { arguments      } from '../functions/options'

workflow ENCODE {
    take:
    rows // channel: val(meta), a row of the samplesheet
    model // file
    label_map // list: no file or one
    fetch_from // list of files

    main:
    PREPARE(rows, label_map, fetch_from)
    ENCODE_STUDIES(channel.of([[id: 'clrna'], model]), PREPARE.out.studies)
    together = PREPARE.out.merged
        .map { _meta, h5ad -> h5ad }
        .combine(ENCODE_STUDIES.out.encoded.map { _id, h5ads -> [h5ads] })
        .map { merged, h5ads -> [[id: 'report', args: arguments(params, 'plot')], [merged] + h5ads] }
    CLRNA_PLOT(together, [], [], 'html')

    emit:
    encoded = ENCODE_STUDIES.out.encoded // channel: [ val(id), list of path(h5ad) ]
}
