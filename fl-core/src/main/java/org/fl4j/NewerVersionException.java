package org.fl4j;

/**
 * A whole, unaltered record in a version that this library does not read. Unlike a {@link CorruptDataException} it says
 * that the data are there: who keeps several copies must not fall back on an older one, or take them for absent.
 */
public final class NewerVersionException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception with a message.
     *
     * @param message which record, its version, and those that can be read
     */
    public NewerVersionException(String message) {
        super(message);
    }
}
