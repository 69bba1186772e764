// The trainings of a sweep: a row of its table each.

include { readSchema; readTable; stopAt } from './parameters.nf'
include { rulesOf                       } from './options.nf'

// The rows as maps with id, row (what the table says) and options of clrna-train.
def sweepTrainings(path, excluded) {
    def schema = readSchema("${projectDir}/nextflow_schema.json")['$defs']
    def names = readSchema("${projectDir}/assets/schema_input.json").items.properties.study
    def shared = schema.shared.properties.subMap(['seed', 'label_key', 'label_by', 'precision'])
    def rows = readTable(path, [id: names] + rulesOf('train') + shared, [])
    def trainings = rows.collect { row ->
        def options = row.findAll { name, _value -> name != 'id' }
        [id: row.id ?: nameOf(options), row: options, options: options + excluded]
    }
    def faults = trainings
        .groupBy { training -> training.id.toLowerCase() }
        .findAll { _id, alike -> alike.size() > 1 }
        .collect { _id, alike ->
            "${path}: ${alike.size()} rows are the training ${alike[0].id}; leave one of them, or name them in a column id"
        }
    if (trainings.any { training -> !training.options }) {
        faults << "${path}: a row names no option"
    }
    stopAt(faults)
    return trainings
}

// A name that says what the row says, and that stays when rows are added: -resume finds the training by it.
def nameOf(options) {
    def whole = options.collect { name, value -> "${name}-${value}" }.join('_').replaceAll(/[^A-Za-z0-9_.-]/, '-')
    return whole.length() <= 60 ? whole : "${whole.take(50)}_${whole.md5().take(8)}".toString()
}
