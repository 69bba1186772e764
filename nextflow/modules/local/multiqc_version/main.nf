// Ask MultiQC for its version in the environment in which it will run: says at the start of a run whether it can.
process MULTIQC_VERSION {
    label 'process_single'

    conda "${moduleDir}/../../multiqc/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'https://depot.galaxyproject.org/singularity/multiqc:1.25.1--pyhdfd78af_0'
        : 'quay.io/biocontainers/multiqc:1.25.1--pyhdfd78af_0'}"

    output:
    tuple val("${task.process}"), val('multiqc'), eval("multiqc --version | sed 's/.* //'"), topic: versions, emit: versions_multiqc

    // Of a stub as well: it is the environment that is asked for, not a result.
    script:
    """
    command -v multiqc > /dev/null || {
        echo 'multiqc: error: there is no multiqc where the tasks run; install it there or give --multiqc false' >&2
        exit 127
    }
    multiqc --version
    """
}
