package org.fl4j.privacy.secagg.internal.cohort;

/**
 * What the server, together with the clients it controls, may do to learn more than the sum.
 *
 * <p>Source: Bonawitz et al., "Practical Secure Aggregation for Privacy-Preserving Machine Learning", CCS 2017; Bell,
 * Bonawitz, Gascon, Lepoint, Raykova, "Secure Single-Server Aggregation with (Poly)Logarithmic Overhead", CCS 2020.
 */
public enum Adversary {
    /** Server and colluding clients follow the protocol, and put together all that they see. */
    CURIOUS,
    /** The server is honest while keys are collected, and may lie afterwards; colluding clients may always lie. */
    SEMI_MALICIOUS,
    /** Server and colluding clients may lie always. */
    MALICIOUS
}
