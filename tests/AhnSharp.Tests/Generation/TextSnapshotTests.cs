using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class TextSnapshotTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly SessionOptions Small = new() { Window = 100, Sinks = 4 };
    private static readonly GenerationOptions Drawing =
        new() { MaxTokens = 12, Sampling = new() { Temperature = 1, RepeatPenalty = 1.1f, Seed = 3 } };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_saved_text_goes_on_as_if_it_had_never_been_away(bool raw)
    {
        using TemporaryFolder folder = new();
        using TextSession session = demo.Model.CreateSession(Small, raw ? null : DemoText.System, raw);
        await session.ReadAsync(DemoText.Prose(30) + " The last wor");
        session.Save(folder.PathOf("open.ahn"));
        string answer = await session.AnswerAsync("d is not whole.", Drawing);
        session.Save(
            folder.PathOf("answered.ahn"), new SnapshotOptions { Sections = new Dictionary<string, byte[]> { ["documents"] = [1, 2] } });
        string next = await session.AnswerAsync("And?", Drawing);

        using TextSession open = demo.Model.LoadSession(folder.PathOf("open.ahn")),
            answered = demo.Model.LoadSession(folder.PathOf("answered.ahn"), Small);
        Assert.Equal(answer, await open.AnswerAsync("d is not whole.", Drawing));
        Assert.Equal(next, await open.AnswerAsync("And?", Drawing));
        Assert.Equal(next, await answered.AnswerAsync("And?", Drawing));
        Assert.Equal(session.State.LastLogits.ToArray(), answered.State.LastLogits.ToArray());
        answered.Reset();
        using TextSession fresh = demo.Model.CreateSession(Small, raw ? null : DemoText.System, raw);
        Assert.Equal(await fresh.AnswerAsync("Hello.", Drawing), await answered.AnswerAsync("Hello.", Drawing));
        using SnapshotFile file = SnapshotFile.Open(folder.PathOf("answered.ahn"));
        Assert.Equal([1, 2], file.ReadSection("documents"));
    }

    [Fact]
    public async Task What_a_cancelled_reading_left_is_read_after_loading()
    {
        using TemporaryFolder folder = new();
        string text = DemoText.Prose(120);
        using TextSession session = demo.Model.CreateSession(Small, raw: true), whole = demo.Model.CreateSession(Small, raw: true);
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.ReadAsync(text, new Trigger(cancel), cancel.Token));
        session.Save(folder.PathOf("cut.ahn"));
        using TextSession loaded = demo.Model.LoadSession(folder.PathOf("cut.ahn"));
        Assert.InRange(loaded.State.Position, 1, 600);
        await loaded.ReadAsync(" The end.");
        await whole.ReadAsync(text);
        await whole.ReadAsync(" The end.");
        Assert.Equal(whole.State.Tokens.ToArray(), loaded.State.Tokens.ToArray());
        await session.ReadAsync(" The end.");
        Assert.Equal(session.State.LastLogits.ToArray(), loaded.State.LastLogits.ToArray());
    }

    [Fact]
    public async Task What_is_not_a_session_of_text_of_this_model_is_a_sentence()
    {
        using TemporaryFolder folder = new();
        using TextSession session = demo.Model.CreateSession(Small);
        await session.ReadAsync("Something to keep.");
        string path = folder.PathOf("a.ahn");
        session.State.Save(path);
        Refused("section 'conversation'");
        session.Save(path);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        for (int length = 0; length < bytes.Length; length += 1 + bytes.Length / 40)
        {
            await File.WriteAllBytesAsync(path, bytes[..length]);
            Refused(path);
        }
        bytes[^10] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        Refused("'conversation'");
        File.Delete(path);
        Refused("no file");
        Assert.Throws<ArgumentException>(
            () => session.Save(path, new SnapshotOptions { Sections = new Dictionary<string, byte[]> { ["conversation"] = [] } }));
        Assert.False(File.Exists(path));

        void Refused(string mentions) => Assert.Contains(
            mentions, Assert.Throws<SnapshotException>(() => demo.Model.LoadSession(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_weights_with_another_template_are_told_apart()
    {
        using TemporaryFolder folder = new();
        string other = folder.PathOf("other.gguf"), path = folder.PathOf("a.ahn");
        Rewrite(DemoText.ModelPath, other, "tokenizer.chat_template",
            "{% for m in messages %}<|im_start|>{{ m.role }}: {{ m.content }}<|im_end|>\n{% endfor %}");
        using TextSession session = demo.Model.CreateSession(Small), raw = demo.Model.CreateSession(Small, raw: true);
        await session.ReadAsync("Something to keep.");
        session.Save(path);
        using TextModel model = TextModel.Load(other);
        Assert.Contains("chat template", Assert.Throws<SnapshotException>(() => model.LoadSession(path)).Message, StringComparison.Ordinal);
        // Without a template nothing of it matters.
        await raw.ReadAsync("Something to keep.");
        raw.Save(path);
        model.LoadSession(path).Dispose();
    }

    private static void Rewrite(string from, string to, string key, string value)
    {
        using GgufFile file = GgufFile.Open(from);
        GgufWriter writer = new();
        foreach ((string name, object old) in file.Metadata) writer.AddValue(name, name == key ? value : old);
        foreach (GgufTensor tensor in file.Tensors)
        {
            writer.AddTensor(tensor.Name, tensor.Type, tensor.Shape.ToArray(), stream =>
            {
                byte[] bytes = new byte[tensor.ByteLength];
                file.Read(tensor, 0, bytes);
                stream.Write(bytes);
            });
        }
        writer.Write(to);
    }

    private sealed class Trigger(CancellationTokenSource cancel) : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value) => cancel.Cancel();
    }
}
