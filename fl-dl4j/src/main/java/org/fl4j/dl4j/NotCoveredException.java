package org.fl4j.dl4j;

/** A network has something that no training plan computes exactly; the message says what. It trains by DL4J then. */
final class NotCoveredException extends Exception {

    private static final long serialVersionUID = 1L;

    NotCoveredException(String what) {
        super(what, null, false, false);
    }
}
