package org.fl4j.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Operations on folders that the file system has no single call for. Thread-safe as the file system is. */
public final class Folders {

    private Folders() {}

    /**
     * Lists the entries of a folder whose names match.
     *
     * @param folder the folder
     * @param names the form of a whole name
     * @return in no order; empty if there is no folder
     * @throws IOException if the folder is a file or cannot be read
     */
    public static List<Path> list(Path folder, Pattern names) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(
                folder,
                path -> names.matcher(String.valueOf(path.getFileName())).matches())) {
            all.forEach(found::add);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    /**
     * Makes a folder and those it lies in, where they are missing. What is new survives a power cut: the folder around it
     * is forced to disk.
     *
     * @param folder may exist, also as a symbolic link to a folder
     * @throws IOException if the file system reports an error
     */
    public static void create(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath();
        // Not without asking: createDirectories of some JDKs fails for a folder that is a symbolic link (JDK-8294193).
        if (Files.isDirectory(absolute)) {
            return;
        }
        List<Path> changed = new ArrayList<>();
        Path around = absolute.getParent();
        while (around != null) {
            changed.add(around);
            if (Files.isDirectory(around)) {
                break;
            }
            around = around.getParent();
        }
        Files.createDirectories(absolute);
        for (Path parent : changed) {
            force(parent);
        }
    }

    /**
     * Deletes a folder and everything in it; does nothing if there is none.
     *
     * @param root the folder
     * @throws IOException if the file system reports an error
     */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failed) throws IOException {
                if (failed != null) {
                    throw failed;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /**
     * Deletes the temporary files that {@link BinaryWriter#toFile} left in a folder because its process was killed; a folder
     * of such a name is not one. Only
     * for a folder that no other writer uses at the time, such as one that is {@link DirectoryLock locked}.
     *
     * @param folder the folder
     * @param targets the form of a whole name of the files that were to be written
     * @throws IOException if the file system reports an error
     */
    public static void deleteLeftOvers(Path folder, Pattern targets) throws IOException {
        for (Path file : list(folder, Pattern.compile("(" + targets.pattern() + ")\\.[0-9a-f-]{36}\\.tmp"))) {
            if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(file);
            }
        }
    }

    /**
     * Forces a folder to disk: a rename or a deletion is durable only once its folder is. Does nothing on platforms that
     * cannot open folders.
     *
     * @param folder the folder
     * @throws IOException if the file system reports an error
     */
    public static void force(Path folder) throws IOException {
        if (System.getProperty("os.name", "").startsWith("Windows")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
