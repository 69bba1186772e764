// From parameters to the options of an executable.

include { readSchema } from './parameters.nf'

// Names of the options of a step, and for those that several steps share, their parameter.
def optionsOf(step) {
    def definitions = readSchema("${projectDir}/nextflow_schema.json")['$defs']
    def prefix = "${step}_"
    return (definitions[step]?.properties ?: [:]).keySet().collect { name -> name.substring(prefix.length()) }
}

// Steps that have an option which several steps share.
def sharedOptionsOf(step) {
    def shared = [
        label_key: ['normalize', 'train', 'baseline', 'score', 'plot'],
        label_by: ['train', 'baseline', 'score', 'plot'],
        seed: ['normalize', 'train', 'baseline', 'score', 'plot'],
        precision: ['train', 'encode'],
    ]
    return shared.findAll { _name, steps -> step in steps }.keySet()
}

// The words for a step's command line: what the user set, with `given` in front of it, without `without`.
def arguments(params, step, given = [:], without = []) {
    def values = [:]
    sharedOptionsOf(step).each { name -> values[name] = params[name] }
    optionsOf(step).each { name -> values[name] = params["${step}_${name}".toString()] }
    values.putAll(given)
    return values
        .findAll { name, value -> value != null && value.toString() != 'false' && !(name in without) }
        .collect { name, value ->
            def option = "--${name.replace('_', '-')}"
            value.toString() == 'true' ? option : "${option}=${quoted(value)}"
        }
        .sort()
        .join(' ')
}

def quoted(value) {
    return "'${value}'"
}
