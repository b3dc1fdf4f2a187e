using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Evaluation;
using AhnSharp.Generation;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;

namespace AhnSharp.Fuzz;

/// <summary>What lies beside a session in its file, and the chats by which recall is measured.</summary>
internal static class SectionTargets
{
    private static readonly Lazy<QwenTokenizer> s_tokenizer = new(PublisherTargets.SmallTokenizer);
    private static readonly ChatTemplate s_template = ChatTemplate.Parse(PublisherTargets.ChatMl);

    public static IEnumerable<FuzzTarget> All =>
    [
        new()
        {
            Name = "documents-section",
            Extension = ".json",
            Seeds = static () => [Documents()],
            Mutate =
                static (random, seeds) => Mutator.Json(random, seeds, ["documents", "kind", "pdf", "folder", "notes", "title", "pages"]),
            Read = static (bytes, _) =>
            {
                DocumentsSection section = DocumentsSection.Parse("a.ahn", bytes);
                // What was read can be written, and is the same.
                byte[] again = DocumentsSection.Parse("a.ahn", section.ToBytes()).ToBytes();
                if (!again.AsSpan().SequenceEqual(section.ToBytes())) throw new InvalidOperationException("read and written it differs");
            },
            IsExpected = static e => e is DocumentException,
            BytesPerByte = 400,
            ConstantBytes = 1 << 20,
            InputsInSuite = 2000,
        },
        new()
        {
            Name = "conversation-section",
            Extension = ".bin",
            Seeds = static () => [Conversation("a system turn"), Conversation(null)],
            Mutate = static (random, seeds) => Mutator.InPlace(random, seeds, []),
            Read = static (bytes, _) => ConversationSection.Read(bytes, "a.ahn", s_tokenizer.Value, s_template, tokensSeen: 100),
            IsExpected = static e => e is SnapshotException,
            BytesPerByte = 40,
            ConstantBytes = 1 << 20,
            InputsInSuite = 4000,
        },
        new()
        {
            Name = "recall-set",
            Extension = ".json",
            Seeds = static () =>
            [
                """[{"length":8,"ids":[1,2,3,4,5,6,7,8],"answer_positions":[3,7],"hits_full":2,"hits_ahn":1}]"""u8.ToArray(),
                """[{"ids":[1,2],"answer_positions":[1]},{"ids":[1,2,3],"answer_positions":[1,2]}]"""u8.ToArray(),
            ],
            Mutate = static (random, seeds) => Mutator.Json(random, seeds, ["ids", "answer_positions", "length"]),
            Read = static (_, path) =>
            {
                foreach (RecallChat chat in RecallSet.ReadAsync(path).ToBlockingEnumerable())
                {
                    if (chat.AnswerPositions.Any(place => place < 1 || place >= chat.Ids.Length))
                        throw new InvalidOperationException("an answer outside its chat");
                }
            },
            IsExpected = static e => e is InvalidDataException,
            BytesPerByte = 200,
            ConstantBytes = 1 << 20,
            InputsInSuite = 1000,
        },
    ];

    private static byte[] Documents() => new DocumentsSection
    {
        Model = "model.gguf",
        Ahn = "memory.gguf",
        System = "You are read to.",
        TokensRead = 12,
        TokensTotal = 40,
        Documents =
        [
            new DocumentEntry("a.pdf", DocumentKind.Pdf, "A title", "An author", 3, 900, ["page 2 is a picture"]),
            new DocumentEntry("b.txt", DocumentKind.Text, null, null, 0, 20, []),
        ],
    }.ToBytes();

    private static byte[] Conversation(string? system)
    {
        Conversation conversation = new(
            s_tokenizer.Value, system is null ? null : s_template, system, new ConversationState(2, system is not null, system ?? ""));
        return ConversationSection.Write(conversation, s_tokenizer.Value, [0, 1, 2]);
    }
}
