package org.fl4j.privacy.secagg;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.NeighbourGraph;
import org.fl4j.privacy.secagg.internal.message.Bytes;

/**
 * The arrays in which the halves of a round keep secrets. It looks through all fields, but for those that are named here as
 * public: a secret that is new is not forgotten.
 */
final class SecretArrays {

    private static final Set<Class<?>> PUBLIC_TYPES = Set.of(
            Bytes.class,
            SessionTerms.class,
            Neighbourhood.class,
            NeighbourGraph.class,
            IndexSet.class,
            ThreatModel.class);

    private static final Set<String> PUBLIC_FIELDS =
            Set.of("publicKey", "announcement", "announced", "graphSeed", "roster", "transcript", "counts", "holders");

    private final IdentityHashMap<Object, String> found = new IdentityHashMap<>();

    static Object value(Object owner, String name) {
        try {
            Field field = owner.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(owner);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    /** Remembers the arrays that hold something now. */
    void collect(Object from) {
        collect(from, "", new ArrayList<>());
    }

    private void collect(Object from, String name, List<Object> seen) {
        if (from == null || seen.stream().anyMatch(other -> other == from)) {
            return;
        }
        seen.add(from);
        if (from instanceof Object[] || from instanceof Iterable || from instanceof Map) {
            elements(from).forEach(element -> collect(element, name, seen));
        } else if (from.getClass().isArray()) {
            if (!isZero(from)) {
                found.put(from, name);
            }
        } else if (isOurs(from.getClass())) {
            for (Field field : from.getClass().getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !PUBLIC_FIELDS.contains(field.getName())) {
                    String its = from.getClass().getSimpleName() + "." + field.getName();
                    collect(value(from, field.getName()), its, seen);
                }
            }
        }
    }

    private static List<Object> elements(Object of) {
        List<Object> elements = new ArrayList<>();
        if (of instanceof Map<?, ?> map) {
            elements.addAll(map.values());
        } else if (of instanceof Iterable<?> iterable) {
            iterable.forEach(elements::add);
        } else {
            elements.addAll(Arrays.asList((Object[]) of));
        }
        return elements;
    }

    private static boolean isOurs(Class<?> type) {
        return type.getPackageName().startsWith(SecretArrays.class.getPackageName())
                && !type.isEnum()
                && !PUBLIC_TYPES.contains(type);
    }

    private static boolean isZero(Object array) {
        return IntStream.range(0, Array.getLength(array)).allMatch(i -> Array.getLong(array, i) == 0);
    }

    /** The fields that held a secret, in order. */
    Set<String> fields() {
        return new TreeSet<>(found.values());
    }

    /** Of those collected the ones that hold something still. */
    Set<String> notErased() {
        Set<String> fields = new TreeSet<>();
        found.forEach((array, field) -> {
            if (!isZero(array)) {
                fields.add(field);
            }
        });
        return fields;
    }
}
