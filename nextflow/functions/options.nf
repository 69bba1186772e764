// From parameters to the options of an executable. Includes no other file: the strict parser of 25.04 refuses functions
// that come along with a file which is itself included in several places.

// The options of a step and their rules, those aside that several steps share.
def rulesOf(step) {
    def prefix = "${step}_"
    def schema = new groovy.json.JsonSlurper().parseText(file("${projectDir}/nextflow_schema.json", checkIfExists: true).text)
    def group = schema['$defs'][step]
    return (group?.properties ?: [:]).collectEntries { name, rule -> [name.substring(prefix.length()), rule] }
}

def optionsOf(step) {
    return rulesOf(step).keySet().toList()
}

// Options of a step that several steps share; their parameter has no step in front.
def sharedOptionsOf(step) {
    def shared = [
        label_key: ['normalize', 'train', 'baseline', 'score', 'match', 'plot'],
        label_by: ['train', 'baseline', 'score', 'match', 'plot'],
        seed: ['normalize', 'train', 'baseline', 'score', 'plot'],
        precision: ['train', 'encode'],
    ]
    return shared.findAll { _name, steps -> step in steps }.keySet().toList()
}

// The words for a step's command line: what the user set, with `given` in place of it, without `without`.
def arguments(params, step, given = [:], without = []) {
    def rules = rulesOf(step)
    def values = [:]
    sharedOptionsOf(step).each { name -> values[name] = params[name] }
    rules.keySet().each { name -> values[name] = params["${step}_${name}".toString()] }
    values.putAll(given)
    return values
        .findAll { name, value -> value != null && !(name in without) }
        .findAll { name, value -> rules[name]?.type != 'boolean' || value.toString() == 'true' }
        .collect { name, value ->
            def option = "--${name.replace('_', '-')}"
            rules[name]?.type == 'boolean' ? option : "${option}='${value}'"
        }
        .sort()
        .join(' ')
}
