package org.fl4j.remote;

import java.util.Arrays;

/**
 * Throws damaged messages at both ends: a program, not a test.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=kills -pl fl-core -Dmain=org.fl4j.remote.RemoteFuzzLongRun -Dargs="1000000 15"
 *     damaged messages, half of them answers and half requests; seed
 * </pre>
 *
 * <p>It ends with exit code 1 if one had an effect.
 */
final class RemoteFuzzLongRun {

    private RemoteFuzzLongRun() {}

    public static void main(String... args) throws InterruptedException {
        int half = Integer.parseInt(args[0]) / 2;
        RemoteFuzz fuzz = new RemoteFuzz(Long.parseLong(args[1]));
        boolean sameWeights = fuzz.damageAnswers(half).equals(RemoteFuzz.expected());
        boolean sameAnswer = Arrays.equals(fuzz.expectedAnswer(), fuzz.damageRequests(half));
        System.out.printf(
                "%,d damaged messages: %,d refused, %,d requests with a damaged task answered as failed, %,d answers taken;"
                        + " %s weights, %s answer%n",
                2L * half,
                fuzz.refused(),
                fuzz.requestsFailed(),
                fuzz.answersTaken(),
                sameWeights ? "same" : "OTHER",
                sameAnswer ? "same" : "OTHER");
        System.exit(sameWeights && sameAnswer && fuzz.answersTaken() == 0 ? 0 : 1);
    }
}
