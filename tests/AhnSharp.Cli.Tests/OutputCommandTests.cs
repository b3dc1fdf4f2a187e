using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>No command writes over what it reads, over a model, a session or any other file that nobody said to replace.</summary>
public sealed class OutputCommandTests : IDisposable
{
    // One item of LongBench, as its authors write them.
    private const string Question = "{\"input\": \"a\", \"context\": \"b\", \"answers\": [\"c\"], \"length\": 1, \"dataset\": "
        + "\"narrativeqa\", \"language\": \"en\", \"all_classes\": null, \"_id\": \"1\"}\n";

    private readonly TemporaryFolder _folder = new();
    private readonly string _model, _text, _session;

    public OutputCommandTests()
    {
        _model = _folder.PathOf("model.gguf");
        File.Copy(DemoText.ModelPath, _model);
        _text = Write("text.txt", DemoText.Prose(12));
        _session = _folder.PathOf("book.ahn");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Quantize_and_synth_replace_only_a_model_and_only_when_told()
    {
        string output = _folder.PathOf("small.gguf");
        await RefusesAsync(_model, "another file to write", "quantize", _model, _model, "q4_0", "--overwrite");
        File.WriteAllBytes(output, [.. "GGUF"u8, 1]);
        await RefusesAsync(output, "--overwrite", "quantize", _model, output, "q4_0");
        await RefusesAsync(_text, "--overwrite", "quantize", _model, _text, "q4_0");
        await RefusesAsync(output, "--overwrite", "synth", "0.5B", "q4_0", "-o", output);
        Directory.CreateDirectory(_folder.PathOf("hf/base"));
        string config = Write("hf/base/config.json", "{}");
        await RefusesAsync(config, "an empty one", "synth", "0.5B", "bf16", "--format", "hf", "-o", _folder.PathOf("hf"));
    }

    [Fact]
    public async Task Read_replaces_only_a_session_and_only_when_told()
    {
        await RefusesAsync(_text, "another file to write", "read", _text, "-o", _text, "--overwrite");
        await RefusesAsync(_model, "a GGUF model", "read", _text, "-o", _model, "--overwrite");
        Directory.CreateDirectory(_folder.PathOf("notes"));
        string note = Write("notes/a.txt", "words");
        await RefusesAsync(note, "which is read", "read", _folder.PathOf("notes"), "-o", note, "--overwrite");
        string checkpoint = Write("new.ahn.reading", "somebody's notes");
        await RefusesAsync(checkpoint, "new.ahn.reading", "read", _text, "-o", _folder.PathOf("new.ahn"));
        await ReadBookAsync();
        await RefusesAsync(_session, "--overwrite", "read", _text, "-o", _session);
    }

    [Fact]
    public async Task Drawings_and_numbers_replace_neither_models_nor_texts()
    {
        await ReadBookAsync();
        string drawing = Write("a.svg", "<svg/>");
        foreach (string output in new[] { _text, _model, _session })
        {
            await RefusesAsync(output, output, "perplexity", "-f", _text, "--model", _model, "--plot", output, "--overwrite");
            await RefusesAsync(output, output, "perplexity", "-f", _text, "--memory", "full", "--nll-out", output,
                output == _text ? "--overwrite" : "--json");
            await RefusesAsync(output, output, "recall", "-f", _text, "--plot", output, "--overwrite");
            await RefusesAsync(output, output, "inspect", "--session", _session, "--plot", output);
            await RefusesAsync(output, output, "bench", "--run", "64", "--plot", output);
            await RefusesAsync(output, output, "eval", Write("a.jsonl", Question), "-o", output);
        }
        foreach (string output in new[] { _model, _session })
            await RefusesAsync(output, output, "bench", "-p", "8", "-n", "0", "-r", "1", "--markdown", output);
        foreach (string[] command in new string[][]
        {
            ["perplexity", "-f", _text, "--plot"],
            ["recall", "-f", _text, "--plot"],
            ["inspect", "--session", _session, "--plot"],
            ["bench", "--run", "64", "--plot"],
        })
            await RefusesAsync(drawing, "--overwrite", [.. command, drawing]);
        AhnProcess replaced = await AhnProcess.RunAsync(["inspect", "--session", _session, "--plot", drawing, "--overwrite"]);
        Assert.True(replaced.ExitCode is 0 or 2, replaced.Errors);
        (await AhnProcess.RunAsync(["perplexity", "-f", _text, "--memory", "full", "--plot", _folder.PathOf("x"), "--nll-out",
            _folder.PathOf("x")])).AssertFailed(2, "--plot", "--nll-out");
    }

    [Fact]
    public async Task Results_of_other_programs_stay_whole()
    {
        string line = Write("one-line.json", "{\"precious\": 1}");
        await RefusesAsync(line, "results file", "eval", Write("a.jsonl", Question), "-o", line, "--limit", "1");
        string binary = _folder.PathOf("picture.md");
        File.WriteAllBytes(binary, [0x89, 0x50, 0, 0xFF]);
        await RefusesAsync(binary, "UTF-8", "bench", "-p", "8", "-n", "0", "-r", "1", "--markdown", binary);
    }

    [Fact]
    public async Task A_chat_saves_over_its_own_file_alone()
    {
        await ReadBookAsync();
        string other = Write("other.txt", "words"), saved = _folder.PathOf("chat.ahn"), second = _folder.PathOf("second.ahn");
        File.Copy(_session, second);
        byte[] book = await File.ReadAllBytesAsync(_session), model = await File.ReadAllBytesAsync(_model);
        AhnProcess chat = await AhnProcess.RunAsync(
            ["chat", "--model", _model, "--max-tokens", "2"],
            $"One.\n/save {_session}\n/save {other} --overwrite\n/save {_model} --overwrite\n/save {saved}\nTwo.\n/save {saved}\n"
                + $"/save {second} --overwrite\n");
        Assert.Equal(0, chat.ExitCode);
        string[] said = [.. chat.Errors.Split('\n').Where(
            text => text.StartsWith("ahn: ", StringComparison.Ordinal) || text.StartsWith("Saved", StringComparison.Ordinal))];
        Assert.Equal(6, said.Length);
        Assert.Contains($"{_session} exists: --overwrite", said[0], StringComparison.Ordinal);
        Assert.Contains("what is no saved session", said[1], StringComparison.Ordinal);
        Assert.Contains("which is read", said[2], StringComparison.Ordinal);
        Assert.All(said[3..], text => Assert.StartsWith("Saved", text, StringComparison.Ordinal));
        Assert.Equal(("words", true, true), (await File.ReadAllTextAsync(other), book.AsSpan().SequenceEqual(File.ReadAllBytes(_session)),
            model.AsSpan().SequenceEqual(File.ReadAllBytes(_model))));
        AhnProcess later = await AhnProcess.RunAsync(
            ["chat", "--session", _session, "--max-tokens", "2"], $"One.\n/save {_session} --overwrite\n");
        Assert.Contains("which is read", later.Errors, StringComparison.Ordinal);
        Assert.Equal(book, await File.ReadAllBytesAsync(_session));
    }

    [Fact]
    public async Task Of_two_that_keep_their_questions_neither_is_lost()
    {
        await ReadBookAsync();
        string[] ask = ["ask", _session, "--update", "--max-tokens", "4"];
        AhnProcess[] both = await Task.WhenAll(
            AhnProcess.RunAsync([.. ask, "First question?"]), AhnProcess.RunAsync([.. ask, "Second question, which is longer?"]));
        Assert.All(both, run => Assert.True(run.ExitCode == 0, run.Errors));
        using DemoText demo = new();
        using AhnSharp.TextSession session = demo.Model.LoadSession(_session);
        string seen = demo.Tokenizer.Decode(session.State.Tokens.ToArray());
        Assert.Contains("First question?", seen, StringComparison.Ordinal);
        Assert.Contains("Second question, which is longer?", seen, StringComparison.Ordinal);
        Assert.Equal([_session], Directory.GetFiles(Path.GetDirectoryName(_session)!, "book.ahn*"));
    }

    [Fact]
    public async Task A_reader_of_a_session_needs_no_lock()
    {
        await ReadBookAsync();
        using AhnSharp.Files.FileLock held = AhnSharp.Files.FileLock.TryTake(_session)!;
        Assert.Equal(0, (await AhnProcess.RunAsync(["ask", _session, "Who?", "--max-tokens", "2"])).ExitCode);
        (await AhnProcess.RunAsync(["read", _text, "-o", _session, "--overwrite"])).AssertFailed(1, "another command");
    }

    private async Task ReadBookAsync() => Assert.Equal(0, (await AhnProcess.RunAsync(["read", _text, "-o", _session])).ExitCode);

    private string Write(string name, string text)
    {
        string path = _folder.PathOf(name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task RefusesAsync(string path, string mention, params string[] command)
    {
        byte[] before = await File.ReadAllBytesAsync(path);
        AhnProcess run = await AhnProcess.RunAsync(command);
        Assert.True(run.ExitCode is 1 or 2, $"ahn {string.Join(' ', command)}: {run.ExitCode} {run.Errors}");
        Assert.DoesNotContain("a fault of ahn itself", run.Errors, StringComparison.Ordinal);
        Assert.Contains(mention, run.Errors, StringComparison.Ordinal);
        byte[] after = await File.ReadAllBytesAsync(path);
        Assert.True(before.AsSpan().SequenceEqual(after), $"ahn {string.Join(' ', command)} changed {path}");
    }
}
