#!/usr/bin/env nextflow
// Batch-resistant features of bulk RNA-Seq across studies. docs/nextflow.md says how to run it.

include { CLRNA; ENCODE } from './workflows/clrna'
include { beside; checkParameters; isModelName; plainFile; readSchema; readTable; stopAt } from './functions/parameters'
include { helpText } from './functions/help'
include { sweepTrainings } from './functions/sweep'
include { asTable; compareScores; meanRows; scoreOf; summaryColumns; summaryRows; versionsTable } from './functions/summary'

workflow {
    main:
    if (params.help || params.version) {
        println(params.help ? helpText() : "${workflow.manifest.name} ${workflow.manifest.version}")
    } else {
        checkParameters(params)
        def rows = samplesheetRows(params.input)
        def studies = rows.collectMany { row -> row.studies ?: [row.id] }
        def trainings = trainingsOf(params, studies)
        def label_map = params.label_map ? [plainFile(params.label_map)] : []
        def fetch_from = params.fetch_from ? filesIn(params.fetch_from) : []

        if (params.mode == 'encode') {
            ENCODE(rows, isModelName(params.model) ? params.model : plainFile(params.model), label_map, fetch_from)
        } else {
            def start = !params.start || isModelName(params.start) ? params.start : plainFile(params.start)
            CLRNA(rows, trainings, studies.size(), label_map, fetch_from, start)
            if (params.mode == 'leave-one-out') {
                summarizeStudies(CLRNA.out.scores, trainings)
            }
            if (params.mode == 'sweep') {
                summarizeSweep(CLRNA.out.scores, CLRNA.out.model, trainings)
            }
        }
        versionsTable(channel.topic('versions'))
            .collectFile(name: 'versions.yml', storeDir: "${params.outdir}/pipeline_info", sort: true, cache: false)
    }

    workflow.onComplete = {
        if (workflow.success && !params.help && !params.version) {
            log.info("Done: the results are in ${params.outdir}")
        }
    }
    workflow.onError = {
        // The executables end with one line that says what is wrong and how to mend it: repeat it last.
        def said = (workflow.errorReport ?: '').readLines().findAll { line -> line.trim() ==~ /(clrna-\w+|multiqc): error: .*/ }.unique()
        said.each { line -> log.error(line.trim()) }
    }
}

// The files of a folder, in one order for -resume.
def filesIn(folder) {
    def found = plainFile(folder).listFiles().findAll { path -> path.isFile() && !path.name.startsWith('.') }
    if (!found) {
        stopAt(["--fetch_from ${folder}: holds no file"])
    }
    return found.sort { path -> path.name }
}

// The rows of the samplesheet as maps: the name of the study is the id.
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
    [names, rows.collect { row -> row.study }].each { list ->
        list.findAll { name -> list.count(name) > 1 }.unique().each { name ->
            faults << "${path}: study ${name} stands there twice; each row is a study of its own"
        }
    }
    stopAt(faults.unique())
    def folder = plainFile(path).parent
    def own = ['study', 'path', 'fetch', 'scale', 'metadata', 'gene_map', 'studies']
    return rows.collect { row ->
        def options = row.findAll { column, _value -> !(column in own) } + (row.scale ? [input_scale: row.scale] : [:])
        [
            id: row.study,
            path: row.path ? beside(folder, row.path) : null,
            fetch: row.fetch,
            metadata: row.metadata ? beside(folder, row.metadata) : null,
            gene_map: row.gene_map ? beside(folder, row.gene_map) : null,
            studies: row.studies ? row.studies.tokenize(';') : null,
            options: options,
        ]
    }
}

// The trainings of a run: one, one a study that is left out, or one a row of the table.
def trainingsOf(params, studies) {
    def held = params.hold_out ? params.hold_out.toString().tokenize(',').collect { name -> name.trim() } : []
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
            [id: "without_${study}".toString(), study: study, options: [exclude_study: study]]
        }
    }
    if (params.mode == 'sweep') {
        return sweepTrainings(params.sweep, excluded)
    }
    return [[id: 'clrna', options: excluded]]
}

def summarizeStudies(scores, trainings) {
    def studyOf = trainings.collectEntries { training -> [training.id, training.study] }
    scores
        .toSortedList { one, two -> studyOf[one[0].id] <=> studyOf[two[0].id] }
        .map { list -> list.collectMany { meta, table -> summaryRows(studyOf[meta.id], table) } }
        .map { rows -> asTable(['held_out'] + summaryColumns(), rows + meanRows(rows)) }
        .collectFile(name: 'summary.tsv', storeDir: "${params.outdir}/scores", cache: false)
}

def summarizeSweep(scores, models, trainings) {
    def rowOf = trainings.collectEntries { training -> [training.id, training.row] }
    def columns = trainings.collectMany { training -> training.row.keySet().toList() }.unique()
    def ranked = scores
        .map { meta, table -> [id: meta.id, score: scoreOf(table, params.select_by)] }
        .toSortedList { one, two -> compareScores(one, two) }
    ranked
        .map { list ->
            asTable(
                ['rank', 'training'] + columns + [params.select_by],
                list.withIndex().collect { item, number ->
                    def score = item.score == null ? '' : item.score
                    [number + 1, item.id] + columns.collect { name -> rowOf[item.id][name] ?: '' } + [score]
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
