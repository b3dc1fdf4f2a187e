using System;
using System.Buffers.Binary;
using System.IO;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>
/// A conversation as the bytes that lie beside a saved session: who may go on with it, where it stands, and the ids not read yet.
/// </summary>
/// <remarks>
/// Little-endian: u32 version (1) │ tokenizer, 32 bytes SHA-256 │ template, 32 bytes SHA-256, or zeros for none (1 and zeros: none,
/// and special tokens by their names) │ text of the system turn │ i32 answers │ u8 the user's turn is open │ text not settled │
/// i32 count, then count × i32 ids of the text that the session has not read. A text is i32 UTF-16 units (−1: none), then the units.
/// Nothing may follow. The text that was read is not in it.
/// </remarks>
internal static class ConversationSection
{
    /// <summary>Its name among the sections of a snapshot.</summary>
    public const string Name = "conversation";

    private const uint Version = 1;
    private const int HashBytes = 32;

    public static byte[] Write(Conversation conversation, QwenTokenizer tokenizer, ReadOnlySpan<int> unread)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(Version);
        writer.Write(tokenizer.Identity);
        byte[] none = new byte[HashBytes];
        none[0] = conversation.WritesSpecials ? (byte)1 : (byte)0;
        writer.Write(conversation.Template?.Identity() ?? none);
        Write(writer, conversation.System);
        writer.Write(conversation.State.Answers);
        writer.Write(conversation.State.HasText);
        Write(writer, conversation.State.Unsettled);
        writer.Write(unread.Length);
        foreach (int id in unread) writer.Write(id);
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>
    /// Reads what <see cref="Write(Conversation, QwenTokenizer, ReadOnlySpan{int})"/> wrote, for the same tokenizer and template.
    /// </summary>
    /// <param name="bytes">The section.</param>
    /// <param name="path">The snapshot, for sentences.</param>
    /// <param name="tokenizer">Of the model that is to go on.</param>
    /// <param name="template">Of the same file; null where it has none.</param>
    /// <param name="tokensSeen">By the session that lies beside it: no more turns than tokens.</param>
    /// <exception cref="SnapshotException">The section is not whole, or was written with another tokenizer or
    /// template; one sentence.</exception>
    public static (Conversation Conversation, int[] Unread) Read(
        ReadOnlySpan<byte> bytes, string path, QwenTokenizer tokenizer, ChatTemplate? template, long tokensSeen)
    {
        Cursor cursor = new(bytes, path);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(cursor.ReadBytes(sizeof(uint), "version"));
        if (version != Version)
        {
            throw new SnapshotException($"{path}: section {Name}: expected version {Version}, found {version}; "
                + "write the snapshot anew with this version of the program.");
        }
        ReadOnlySpan<byte> tokenizerHash = cursor.ReadBytes(HashBytes, "tokenizer"), templateHash = cursor.ReadBytes(HashBytes, "template");
        if (!tokenizerHash.SequenceEqual(tokenizer.Identity))
        {
            throw new SnapshotException($"{path}: section {Name}: expected the tokenizer {Short(tokenizer.Identity)} of this model, "
                + $"found {Short(tokenizerHash)}; load it with the model file it was written with.");
        }
        bool isRaw = templateHash[0] <= 1 && !templateHash[1..].ContainsAnyExcept((byte)0), writesSpecials = isRaw && templateHash[0] == 1;
        byte[]? known = isRaw ? null : template?.Identity();
        if (!isRaw && !templateHash.SequenceEqual(known))
        {
            throw new SnapshotException(
                $"{path}: section {Name}: expected the chat template {(known is null ? "that this model lacks" : Short(known))}, "
                    + $"found {Short(templateHash)}; load it with the model file, and the --chat-template, it was written with.");
        }
        string? system = cursor.Text("system turn");
        if (isRaw && system is not null)
        {
            throw new SnapshotException(
                $"{path}: section {Name}: expected no system turn without a chat template, found one of {system.Length} characters.");
        }
        int answers = cursor.Int32("answers");
        byte hasText = cursor.ReadBytes(1, "open turn")[0];
        if (hasText > 1) throw new SnapshotException($"{path}: section {Name}: expected 0 or 1 for the open turn, found {hasText}.");
        string unsettled = cursor.Text("text not settled")
            ?? throw new SnapshotException($"{path}: section {Name}: expected a text not settled, which may be empty, found none.");
        if (hasText == 0 && unsettled.Length > 0)
        {
            throw new SnapshotException(
                $"{path}: section {Name}: expected no text of a turn that is not open, found {unsettled.Length} characters.");
        }
        int[] unread = cursor.Ids(tokenizer.VocabularySize);
        cursor.ExpectEnd();
        long tokens = tokensSeen + unread.Length;
        if (answers < 0 || answers > tokens)
            throw new SnapshotException($"{path}: section {Name}: expected 0 to {tokens} answers, no more than tokens, found {answers}.");
        Conversation conversation = new(tokenizer, isRaw ? null : template, system, new ConversationState(
            answers, hasText == 1, unsettled))
        { WritesSpecials = writesSpecials };
        return (conversation, unread);
    }

    private static void Write(BinaryWriter writer, string? text)
    {
        writer.Write(text?.Length ?? -1);
        // As units, not as UTF-8: the text may end in half a pair.
        foreach (char unit in text ?? "") writer.Write((ushort)unit);
    }

    private static string Short(ReadOnlySpan<byte> hash) => Convert.ToHexStringLower(hash[..4]);

    private ref struct Cursor(ReadOnlySpan<byte> bytes, string path)
    {
        private ReadOnlySpan<byte> _left = bytes;

        public ReadOnlySpan<byte> ReadBytes(long count, string what)
        {
            if (count < 0 || count > _left.Length)
            {
                throw new SnapshotException(
                    $"{path}: section {Name}, {what}: expected {count} more bytes, found {_left.Length}; the section is damaged.");
            }
            ReadOnlySpan<byte> taken = _left[..(int)count];
            _left = _left[(int)count..];
            return taken;
        }

        public int Int32(string what) => BinaryPrimitives.ReadInt32LittleEndian(ReadBytes(sizeof(int), what));

        public string? Text(string what)
        {
            int units = Int32(what);
            if (units == -1) return null;
            ReadOnlySpan<byte> bytes = ReadBytes((long)units * sizeof(char), what);
            return string.Create(units, bytes, static (text, bytes) =>
            {
                for (int i = 0; i < text.Length; i++) text[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
            });
        }

        public int[] Ids(int vocabulary)
        {
            int count = Int32("ids not read");
            ReadOnlySpan<byte> bytes = ReadBytes((long)count * sizeof(int), "ids not read");
            int[] ids = new int[count];
            for (int i = 0; i < count; i++)
            {
                ids[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(sizeof(int) * i)..]);
                if ((uint)ids[i] >= (uint)vocabulary)
                    throw new SnapshotException($"{path}: section {Name}, ids not read: expected 0 to {vocabulary - 1}, found {ids[i]}.");
            }
            return ids;
        }

        public readonly void ExpectEnd()
        {
            if (_left.Length > 0)
            {
                throw new SnapshotException(
                    $"{path}: section {Name}: expected its end, found {_left.Length} more bytes; the section is damaged.");
            }
        }
    }
}
