#!/usr/bin/env nextflow
// Batch-resistant features of bulk RNA-Seq across studies. docs/nextflow.md says how to run it.

include { CLRNA                                           } from './workflows/clrna'
include { ENCODE                                          } from './workflows/encode'
include { checkParameters; readSchema; readTable; stopAt; beside } from './functions/parameters'
include { optionsOf                                       } from './functions/options'
include { asTable; meanRows; scoreOf; summaryColumns; summaryRows } from './functions/summary'

workflow {
    main:
    checkParameters(params)
    def rows = samplesheetRows(params.input)
    def studies = rows.collectMany { meta -> meta.studies ?: [meta.id] }
    def trainings = trainingsOf(params, studies)
    def label_map = params.label_map ? [file(params.label_map)] : []
    def fetch_from = params.fetch_from ? files("${params.fetch_from}/*") : []

    if (params.mode == 'encode') {
        ENCODE(channel.fromList(rows), file(params.model), label_map, fetch_from)
    } else {
        CLRNA(channel.fromList(rows), trainings, studies.size(), label_map, fetch_from)
        if (params.mode == 'leave-one-out') {
            summarizeStudies(CLRNA.out.scores)
        }
        if (params.mode == 'sweep') {
            summarizeSweep(CLRNA.out.scores, CLRNA.out.model, trainings)
        }
    }
    channel.topic('versions')
        .unique()
        .map { process, tool, version -> "${process.tokenize(':').last()}:\n    ${tool}: ${version}\n" }
        .unique()
        .collectFile(name: 'versions.yml', storeDir: "${params.outdir}/pipeline_info", sort: true, cache: false)

    workflow.onComplete = {
        if (workflow.success) {
            log.info("Done: the results are in ${params.outdir}")
        }
    }
    workflow.onError = {
        // The executables end with one line that says what is wrong and how to mend it: repeat it last.
        def said = (workflow.errorReport ?: '').readLines().findAll { line -> line.trim() ==~ /clrna-\w+: error: .*/ }.unique()
        said.each { line -> log.error(line.trim()) }
    }
}

// The rows of the samplesheet as the meta maps that go through the pipeline.
def samplesheetRows(path) {
    def items = readSchema("${projectDir}/assets/schema_input.json").items
    def rows = readTable(path, items.properties, items.required)
    def faults = []
    rows.each { row ->
        if (!row.path == !row.fetch) {
            faults << "${path}, study ${row.study}: give either path or fetch, and not both"
        }
    }
    def names = rows.collectMany { row -> row.studies ? row.studies.tokenize(';') : [row.study] }
    names.findAll { name -> names.count(name) > 1 }.unique().each { name ->
        faults << "${path}: study ${name} stands there twice; each row is a study of its own"
    }
    rows.findAll { row -> rows.count { other -> other.study == row.study } > 1 }.collect { row -> row.study }.unique().each { name ->
        faults << "${path}: study ${name} stands there twice; each row is a study of its own"
    }
    stopAt(faults.unique())
    def folder = file(path).parent
    def own = ['study', 'path', 'fetch', 'scale', 'metadata', 'studies']
    return rows.withIndex().collect { row, number ->
        def options = row.findAll { column, _value -> !(column in own) } + (row.scale ? [input_scale: row.scale] : [:])
        [
            id: row.study,
            order: number,
            of: rows.size(),
            path: row.path ? beside(folder, row.path) : null,
            fetch: row.fetch,
            metadata: row.metadata ? beside(folder, row.metadata) : null,
            studies: row.studies ? row.studies.tokenize(';') : null,
            options: options,
        ]
    }
}

// The trainings of a run: one, one a study that is left out, or one a row of the table.
def trainingsOf(params, studies) {
    def held = params.hold_out ? params.hold_out.toString().tokenize(',') : []
    def faults = (held - studies).collect { name ->
        "--hold_out: ${name} is not in the samplesheet; its studies are ${studies.join(', ')}"
    }
    if (held && !(studies - held)) {
        faults << "--hold_out: no study is left to train on"
    }
    if (params.mode == 'leave-one-out' && studies.size() < 2) {
        faults << "--mode leave-one-out: the samplesheet holds one study; there is nothing to train on without it"
    }
    stopAt(faults)
    def excluded = held ? [exclude_study: held.join(',')] : [:]
    if (params.mode == 'leave-one-out') {
        return studies.collect { study ->
            [id: "without_${study}", study: study, options: [exclude_study: study]]
        }
    }
    if (params.mode == 'sweep') {
        return sweepRows(params.sweep).withIndex().collect { row, number ->
            [id: "training${number + 1}", row: row, options: row + excluded]
        }
    }
    return [[id: 'clrna', options: excluded]]
}

def sweepRows(path) {
    def schema = readSchema("${projectDir}/nextflow_schema.json")['$defs']
    def rules = optionsOf('train').collectEntries { name -> [name, schema.train.properties["train_${name}".toString()]] }
    return readTable(path, rules + schema.shared.properties.subMap(['seed', 'label_key', 'label_by', 'precision']), [])
}

def summarizeStudies(scores) {
    scores
        .toSortedList { one, two -> one[0].study <=> two[0].study }
        .map { list -> list.collectMany { meta, table -> summaryRows(meta.study, table) } }
        .map { rows -> asTable(['held_out'] + summaryColumns(), rows + meanRows(rows)) }
        .collectFile(name: 'summary.tsv', storeDir: "${params.outdir}/scores", cache: false)
}

def summarizeSweep(scores, models, trainings) {
    def columns = trainings.collectMany { training -> training.row.keySet().toList() }.unique()
    def ranked = scores
        .map { meta, table -> [id: meta.id, row: meta.row, score: scoreOf(table, params.select_by)] }
        .toSortedList { one, two -> (two.score ?: -1) <=> (one.score ?: -1) ?: one.id <=> two.id }
    ranked
        .map { list ->
            asTable(
                ['rank', 'training'] + columns + [params.select_by],
                list.withIndex().collect { item, number ->
                    [number + 1, item.id] + columns.collect { name -> item.row[name] ?: '' } + [item.score == null ? '' : item.score]
                },
            )
        }
        .collectFile(name: 'summary.tsv', storeDir: "${params.outdir}/scores", cache: false)
    ranked
        .map { list ->
            if (list[0].score == null && !workflow.stubRun) {
                error("--select_by ${params.select_by}: no training has this score on ${params.hold_out}; the tables in ${params.outdir}/scores say why")
            }
            list[0].id
        }
        .combine(models.map { meta, model -> [meta.id, model] })
        .filter { best, id, _model -> best == id }
        .map { _best, _id, model -> model }
        .collectFile(name: 'best.safetensors', storeDir: "${params.outdir}/model", cache: false)
}
