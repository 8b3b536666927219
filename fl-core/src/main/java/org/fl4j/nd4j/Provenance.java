package org.fl4j.nd4j;

/**
 * What a run runs on: bits can change with any of it.
 *
 * @param java version and vendor of the virtual machine
 * @param platform operating system and architecture
 * @param backend the ND4J backend, or {@code "none"} where none is on the class path
 * @param blas the BLAS vendor behind it
 * @param nativeThreads how many threads native code may use while the run is active; 0 without a backend
 */
public record Provenance(String java, String platform, String backend, String blas, int nativeThreads) {}
