package org.fl4j.benchmarks.training;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.fl4j.models.internal.Blas;

/** What a figure was measured on, as fields of its line. */
final class Machine {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final int KILO = 1024;

    private Machine() {}

    static JsonLine describe(JsonLine line) {
        describeMemory(line)
                .add("jdk", System.getProperty("java.version") + " " + System.getProperty("java.vendor"))
                .add("cpu", processor())
                .add("processors", Runtime.getRuntime().availableProcessors())
                .add("blas", "OpenBLAS " + openBlasVersion())
                .add("blasCore", Blas.core());
        Stream.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE").forEach(variable -> {
            String value = System.getenv(variable);
            if (value != null) {
                line.add(variable, value);
            }
        });
        return line;
    }

    /** The high-water mark of the process where the system keeps one; else that of the heap, which leaves out native memory. */
    private static JsonLine describeMemory(JsonLine line) {
        Optional<Long> resident = firstOf(STATUS, "VmHWM")
                .map(text -> Long.parseLong(text.replace("kB", "").strip()));
        return line.add("peakMegabytes", resident.orElseGet(Machine::heapPeak) / KILO)
                .add("peakIsOf", resident.isPresent() ? "process (VmHWM)" : "heap");
    }

    private static long heapPeak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP)
                        .map(MemoryPoolMXBean::getPeakUsage)
                        .mapToLong(peak -> peak.getUsed())
                        .sum()
                / KILO;
    }

    private static String processor() {
        return firstOf(PROCESSORS, "model name").orElseGet(() -> System.getProperty("os.arch"));
    }

    private static String openBlasVersion() {
        String version = openblas_nolapack.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    /** The value of the first line {@code name : value}; empty where there is no such file or line. */
    private static Optional<String> firstOf(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
