package org.fl4j.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.fl4j.FederatedLearningException;

/** The host's code as bytes, by Java serialisation whatever serialiser Spark is set to, as Kryo takes no lambda. */
final class SerializedCode {

    private SerializedCode() {}

    static byte[] of(Serializable code) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(code);
        } catch (NotSerializableException e) {
            throw new IllegalArgumentException(
                    "what goes to executors must hold nothing that Java cannot serialise, but holds a " + e.getMessage()
                            + "; make it inside the lambda, or in a static method",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** By the loader that sees the application's jars, which in an executor is the thread's. */
    static Object read(byte[] bytes) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            protected Class<?> resolveClass(ObjectStreamClass described) throws IOException, ClassNotFoundException {
                try {
                    return Class.forName(described.getName(), false, loader);
                } catch (ClassNotFoundException e) {
                    return super.resolveClass(described);
                }
            }
        }) {
            return in.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new FederatedLearningException(
                    "an executor lacks the class " + e.getMessage()
                            + "; is the application's jar submitted with the job?",
                    e);
        }
    }
}
