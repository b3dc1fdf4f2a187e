using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;

namespace AhnSharp.Fuzz;

/// <summary>Changes to valid inputs: of bytes and numbers, of words, of the tree of a JSON text, of the files in an archive.</summary>
internal static class Mutator
{
    /// <summary>Of the files in archives, so that the same seed gives the same bytes.</summary>
    public static readonly DateTimeOffset ArchiveTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] s_numbers =
    [
        "0", "-1", "1e999", "1.5", "2147483648", "9223372036854775807", "18446744073709551615", "1e-400", "NaN",
        "123456789012345678901234567890",
    ];
    private static readonly string[] s_texts =
        ["", "\\ud800", "\\u0000", "../../etc/passwd", "\\u202e", "a\\nb", new('x', 300), "<|im_end|>", "%s%n", "\\u001b[31m"];

    /// <summary>One to four changes of one seed; now and then with a piece of another.</summary>
    public static byte[] Bytes(Random random, IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words)
    {
        byte[] bytes = [.. seeds[random.Next(seeds.Count)]];
        for (int change = random.Next(4); change >= 0; change--) bytes = Change(random, bytes, seeds, words);
        return bytes;
    }

    /// <summary>
    /// One to four changes that leave everything at its place, so that what follows is still read as what it is; one time in four any.
    /// </summary>
    public static byte[] InPlace(Random random, IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words)
    {
        if (random.Next(4) == 0) return Bytes(random, seeds, words);
        byte[] bytes = [.. seeds[random.Next(seeds.Count)]];
        for (int change = random.Next(4); change >= 0; change--)
        {
            int at = Place(random, bytes.Length);
            switch (random.Next(4))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                default: Number(random, bytes, at, random.Next(2) == 0 ? 4 : 8); break;
            }
        }
        return bytes;
    }

    /// <summary>A JSON text with values changed, moved, taken away, doubled and nested; one time in five its bytes instead.</summary>
    public static byte[] Json(Random random, IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words)
    {
        byte[] seed = seeds[random.Next(seeds.Count)];
        if (random.Next(5) == 0) return Bytes(random, [seed], words);
        string[] lines = Encoding.UTF8.GetString(seed).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int line = random.Next(lines.Length);
        try
        {
            JsonNode root = JsonNode.Parse(lines[line])!;
            for (int change = random.Next(3); change >= 0; change--) ChangeTree(random, root, words);
            lines[line] = root.ToJsonString();
        }
        catch (System.Text.Json.JsonException)
        {
            // Over several lines: as text.
            return Bytes(random, [seed], [.. s_numbers, .. s_texts, .. words]);
        }
        // Half characters are no text, so they cannot be put into the tree.
        if (random.Next(4) == 0)
        {
            int at = random.Next(lines[line].Length);
            lines[line] = lines[line].Insert(at, s_texts[random.Next(s_texts.Length)]);
        }
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    /// <summary>An archive with one of its files changed, taken away or doubled; one time in four its bytes instead.</summary>
    public static byte[] Zip(Random random, IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words)
    {
        byte[] seed = seeds[random.Next(seeds.Count)];
        if (random.Next(4) == 0) return Bytes(random, [seed], words);
        List<(string Name, byte[] Bytes)> files = [];
        using (ZipArchive archive = new(new MemoryStream(seed)))
        {
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                using MemoryStream content = new();
                using Stream stream = entry.Open();
                stream.CopyTo(content);
                files.Add((entry.FullName, content.ToArray()));
            }
        }
        int at = random.Next(files.Count);
        (string name, byte[] bytes) = files[at];
        switch (random.Next(10))
        {
            case 0: files.RemoveAt(at); break;
            case 1: files.Add((name, Bytes(random, [bytes, files[random.Next(files.Count)].Bytes], words))); break;
            case 2: files[at] = (Name(random, name), bytes); break;
            default: files[at] = (name, Bytes(random, [bytes], words)); break;
        }
        using MemoryStream whole = new();
        using (ZipArchive archive = new(whole, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string path, byte[] content) in files)
            {
                ZipArchiveEntry entry = archive.CreateEntry(path.Length > 0 ? path : "x");
                entry.LastWriteTime = ArchiveTime;
                using Stream stream = entry.Open();
                stream.Write(content);
            }
        }
        return whole.ToArray();
    }

    private static string Name(Random random, string name)
    {
        byte[] changed = Bytes(random, [Encoding.Latin1.GetBytes(name)], ["../", "/", "\\", "\u00E9"]);
        return Encoding.Latin1.GetString(changed).Replace("\0", "", StringComparison.Ordinal) + "x";
    }

    private static byte[] Change(Random random, byte[] bytes, IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words)
    {
        if (bytes.Length == 0) return [(byte)random.Next(256)];
        int at = Place(random, bytes.Length);
        int length = Math.Min(random.Next(1, 64), bytes.Length - at);
        switch (random.Next(words.Count > 0 ? 11 : 8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + length)];
            case 4:
                byte[] piece = bytes[at..(at + length)];
                int times = random.Next(8) == 0 ? random.Next(1, 500) : 1;
                return [.. bytes.AsSpan(0, at), .. Enumerable.Repeat(piece, times).SelectMany(static part => part), .. bytes.AsSpan(at)];
            case 5:
                byte[] other = seeds[random.Next(seeds.Count)];
                int from = random.Next(other.Length + 1), to = random.Next(from, other.Length + 1);
                return [.. bytes.AsSpan(0, at), .. other.AsSpan(from, to - from), .. bytes.AsSpan(at)];
            case 6:
                Number(random, bytes, at, 4);
                return bytes;
            case 7:
                Number(random, bytes, at, 8);
                return bytes;
            default:
                string put = random.Next(6) == 0 ? s_numbers[random.Next(s_numbers.Length)] : words[random.Next(words.Count)];
                byte[] word = Encoding.UTF8.GetBytes(put);
                int replaced = random.Next(2) == 0 ? Math.Min(word.Length, bytes.Length - at) : 0;
                return [.. bytes.AsSpan(0, at), .. word, .. bytes.AsSpan(at + replaced)];
        }
    }

    // Formats begin with what counts: two thirds of all changes stand in the first part.
    private static int Place(Random random, int length) =>
        random.Next(random.Next(3) switch { 0 => Math.Min(length, 512), 1 => Math.Min(length, 4096), _ => length });

    // Counts, lengths and offsets: the edges of their range, and small changes.
    private static void Number(Random random, byte[] bytes, int at, int size)
    {
        if (at + size > bytes.Length) return;
        Span<byte> place = bytes.AsSpan(at, size);
        ulong old = size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(place) : BinaryPrimitives.ReadUInt64LittleEndian(place);
        // The last two are NaN and -1 as 32-bit floats.
        ulong[] numbers =
        [
            0, 1, ulong.MaxValue, long.MaxValue, 1UL << 63, 1UL << 31, 1UL << 32, int.MaxValue, 1UL << random.Next(64), old + 1, old - 1,
            old * 2, 0x7FC00000, 0xBF800000,
        ];
        ulong number = numbers[random.Next(numbers.Length)];
        if (size == 4) BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)number);
        else BinaryPrimitives.WriteUInt64LittleEndian(place, number);
    }

    private static void ChangeTree(Random random, JsonNode root, IReadOnlyList<string> words)
    {
        List<JsonNode> inner = [];
        Collect(root, inner);
        JsonNode place = inner[random.Next(inner.Count)];
        if (place is JsonObject named)
        {
            string[] names = [.. named.Select(static field => field.Key)];
            if (names.Length == 0) return;
            string name = names[random.Next(names.Length)];
            if (random.Next(6) == 0) named.Remove(name);
            else named[random.Next(8) == 0 ? name + "_" : name] = Value(random, words, root);
        }
        else if (place is JsonArray list)
        {
            int at = random.Next(list.Count + 1);
            if (at < list.Count && random.Next(3) == 0) list.RemoveAt(at);
            else if (at < list.Count && random.Next(2) == 0) list[at] = Value(random, words, root);
            else list.Insert(at, Value(random, words, root));
        }
    }

    private static void Collect(JsonNode? node, List<JsonNode> inner)
    {
        if (node is JsonObject or JsonArray) inner.Add(node);
        if (node is JsonObject named)
        {
            foreach ((_, JsonNode? child) in named) Collect(child, inner);
        }
        if (node is JsonArray list)
        {
            foreach (JsonNode? child in list) Collect(child, inner);
        }
    }

    private static JsonNode? Value(Random random, IReadOnlyList<string> words, JsonNode root) => random.Next(11) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(-3, 300)),
        3 => JsonValue.Create(long.MaxValue),
        4 => JsonValue.Create(1e300),
        5 => JsonValue.Create(-0.5),
        6 => new JsonArray(),
        7 => new JsonObject(),
        8 => root.ToJsonString().Length < 4096 ? root.DeepClone() : new JsonArray(1, 2),
        9 when words.Count > 0 => JsonValue.Create(words[random.Next(words.Count)]),
        _ => JsonValue.Create("text"),
    };
}
