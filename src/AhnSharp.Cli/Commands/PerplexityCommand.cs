using System;
using System.Buffers.Binary;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Evaluation;
using AhnSharp.Generation;
using AhnSharp.Model;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn perplexity</c>: how surprised the model is by a text, token by token.</summary>
internal sealed class PerplexityCommand
{
    private readonly ModelOptionGroup _model = new();
    private readonly Option<string?> _file = Choice.Text("--file", "Text to read, UTF-8; '-' is standard input. Nothing is added to it.", "FILE", "-f");
    private readonly Option<string?> _ids = Choice.Text("--ids", "Token ids to read as they are: decimal numbers between white space; '-' is standard input.", "FILE");
    private readonly Option<string?> _nllOut = Choice.Text("--nll-out", "Writes the negative log likelihoods: one little-endian float32 a predicted token, in order.", "FILE");
    private readonly Option<bool> _json = JsonOption.Create();

    private PerplexityCommand()
    {
    }

    internal static Command Create()
    {
        PerplexityCommand perplexity = new();
        Command command = new("perplexity", "Measures how well the model predicts a text.") { perplexity._file, perplexity._ids, perplexity._nllOut };
        perplexity._model.AddTo(command);
        command.Add(perplexity._json);
        command.SetAction(perplexity.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? file = parsed.GetValue(_file), idsFile = parsed.GetValue(_ids), nllFile = parsed.GetValue(_nllOut);
        if (file is null == idsFile is null) throw new UsageException("ahn perplexity needs one of -f FILE (text) and --ids FILE (token ids).");

        if (file is not null)
        {
            string text = await TextOptionGroup.ReadTextAsync(file, cancellationToken);
            using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, cancellationToken);
            return await MeasureAsync(model.Model, model.Tokenizer.Encode(text), nllFile, parsed, cancellationToken);
        }
        int[] ids = TokenIds.Read(new StringReader(await TextOptionGroup.ReadTextAsync(idsFile!, cancellationToken)), idsFile == "-" ? "standard input" : idsFile!);
        using QwenModel network = await LoadedModel.LoadAsync(_model, parsed, cancellationToken);
        return await MeasureAsync(network, ids, nllFile, parsed, cancellationToken);
    }

    private async Task<int> MeasureAsync(QwenModel model, int[] ids, string? nllFile, ParseResult parsed, CancellationToken cancellationToken)
    {
        SessionOptions options = _model.SessionOptions(parsed, model.Config);
        // Opened before the work, so that a path that cannot be written is known in the first second.
        using PartialFile? nllOut = nllFile is null ? null : new PartialFile(nllFile);
        PerplexityResult result = await Progress.ShowAsync("perplexity", bar => Task.Run(
            () => Perplexity.Measure(model, ids, options, new CountBar(bar, "tokens", ids.Length - 1), cancellationToken), cancellationToken));
        if (nllOut is not null)
        {
            byte[] bytes = new byte[result.Tokens * sizeof(float)];
            for (int i = 0; i < result.Tokens; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), result.NegativeLogLikelihoods[i]);
            nllOut.Write(bytes);
        }
        Print(model.Plan(options), result, parsed.GetValue(_json));
        return AhnCommand.Done;
    }

    private static void Print(SessionPlan plan, PerplexityResult result, bool asJson)
    {
        if (!asJson)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"perplexity {result.Perplexity:N3} · {result.MeanNll:N4} nats a token · {result.Tokens:N0} tokens · {result.Seconds:N1} s ({result.Tokens / result.Seconds:N0} tokens/s) · {MemoryName.Of(plan)}"));
            return;
        }
        Terminal.PrintJson(json =>
        {
            json.WriteNumber("tokens", result.Tokens);
            json.WriteNumber("nll", result.MeanNll);
            json.WriteNumber("perplexity", result.Perplexity);
            json.WriteNumber("seconds", result.Seconds);
            json.WriteNumber("tokens_per_second", result.Tokens / result.Seconds);
            MemoryName.Write(json, plan);
            json.WriteNumber("tokens_exact", result.TokensExact);
            json.WriteNumber("tokens_compressed", result.TokensCompressed);
            json.WriteNumber("tokens_dropped", result.TokensDropped);
        });
    }
}
