package org.fl4j.spark.example;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.client.ClientProvider;
import org.fl4j.data.Examples;
import org.fl4j.data.IdxReader;
import org.fl4j.data.Partitioner;
import org.fl4j.data.StrokeDigits;
import org.fl4j.data.TrainTest;
import org.fl4j.model.ModelPool;
import org.fl4j.models.DenseModel;
import org.fl4j.random.Seeds;
import org.fl4j.simulation.Population;

/**
 * What the clients are, in three values that travel; an executor makes the clients from them, and no image crosses the network.
 *
 * @param folder of MNIST, at the same place on every machine; empty for drawn digits, one writer a client
 * @param clients how many
 * @param seed decides digits, division and first weights
 */
record DigitFederation(String folder, int clients, long seed) implements Serializable {

    private static final int IMAGES_PER_WRITER = 200;
    private static final int HELD_OUT = 2000;

    /** Under local[*] driver and executor are one JVM, which then holds MNIST once. */
    private static final Map<String, TrainTest> READ = new ConcurrentHashMap<>();

    /** On the driver and on executors. */
    ClientProvider population() {
        return people().over(models());
    }

    private Population people() {
        if (folder.isEmpty()) {
            StrokeDigits digits = drawn();
            return Population.generated(clients, writer -> digits.writer(writer, IMAGES_PER_WRITER));
        }
        Examples training = mnist().training();
        return Population.of(training, Partitioner.iid().partition(training, clients, Seeds.derive(seed, "division")));
    }

    /** For the driver's evaluations. */
    Examples heldOut() {
        return folder.isEmpty() ? drawn().heldOut(HELD_OUT) : mnist().test();
    }

    /** The network of McMahan et al. (AISTATS 2017), "2NN": 784-200-200-10. */
    ModelPool<DenseModel> models() {
        return ModelPool.of(() -> DenseModel.perceptron(784, 200, 200, 10).withSeed(seed));
    }

    private StrokeDigits drawn() {
        return StrokeDigits.of(Seeds.derive(seed, "digits"));
    }

    private TrainTest mnist() {
        return READ.computeIfAbsent(folder, name -> IdxReader.mnist(Path.of(name)));
    }

    @Override
    public String toString() {
        return folder.isEmpty() ? "drawn digits, " + clients + " writers" : "MNIST, " + clients + " clients";
    }
}
