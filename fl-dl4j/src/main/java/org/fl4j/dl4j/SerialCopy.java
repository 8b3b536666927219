package org.fl4j.dl4j;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Copies a configuration with everything in it, by way of its serialised form in memory. The {@code clone()} methods of
 * DL4J are shallow: layers in wrappers, their dropout, updaters and noise stay shared. Its JSON form, the other complete
 * copy, looks classes up by name in one class loader and drops what a class of the user's does not declare to Jackson.
 */
final class SerialCopy {

    private SerialCopy() {}

    /** A copy that shares no object with the original but enum constants and what its class resolves to a constant. */
    static <T> T of(T original) {
        Queue<Class<?>> classes = new ArrayDeque<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            try (Writer out = new Writer(bytes, classes)) {
                out.writeObject(original);
            }
            try (Reader in = new Reader(new ByteArrayInputStream(bytes.toByteArray()), classes)) {
                @SuppressWarnings("unchecked") // What an object is read as is what it was written as.
                T copy = (T) in.readObject();
                return copy;
            }
        } catch (NotSerializableException e) {
            throw refusal(original, "class " + e.getMessage() + " is not Serializable", e);
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            throw refusal(original, e.toString(), e);
        }
    }

    private static IllegalArgumentException refusal(Object original, String why, Exception cause) {
        return new IllegalArgumentException(
                "a model needs settings of its own, as learning rates, counts and dropout masks are kept in them, but"
                        + " the " + original.getClass().getSimpleName() + " cannot be copied: " + why
                        + "; layers, activations, losses, updaters and whatever they refer to must be Serializable",
                cause);
    }

    /** Keeps the classes themselves, in the order of their descriptors: no class loader has to find them by name. */
    private static final class Writer extends ObjectOutputStream {

        private final Queue<Class<?>> classes;

        Writer(OutputStream out, Queue<Class<?>> classes) throws IOException {
            super(out);
            this.classes = classes;
        }

        @Override
        protected void annotateClass(Class<?> type) {
            classes.add(type);
        }

        @Override
        protected void annotateProxyClass(Class<?> type) {
            classes.add(type);
        }
    }

    private static final class Reader extends ObjectInputStream {

        private final Queue<Class<?>> classes;

        Reader(InputStream in, Queue<Class<?>> classes) throws IOException {
            super(in);
            this.classes = classes;
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass descriptor) {
            return classes.remove();
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) {
            return classes.remove();
        }
    }
}
