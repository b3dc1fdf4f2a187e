using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Documents.Reading;
using AhnSharp.Files;
using AhnSharp.Generation;
using AhnSharp.Tokenizer;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn ask</c>: answers about documents that <c>ahn read</c> has read, each from the documents alone.</summary>
internal sealed class AskCommand
{
    private readonly Argument<string> _file = new("file") { Description = "The file that 'ahn read' wrote." };

    private readonly Argument<string[]> _questions = Choice.Words(
        "questions", "Questions, each answered from the documents alone; '-' is one question, all of standard input. "
            + "Without one, a conversation begins.",
        ArgumentArity.ZeroOrMore);

    private readonly Option<bool> _update = Choice.Switch(
        "--update", "Asks one question after the other in one conversation, and keeps it in the file.");
    private readonly Option<bool> _sources = Choice.Switch(
        "--sources", "Prints behind each answer the passages of the archive that were read for it (not of a reading with --no-archive).");
    private readonly DocumentOptionGroup _documents = new();
    private readonly ModelOptionGroup _model = new();
    private readonly ArchiveOptionGroup _archive = new();
    private readonly SamplingOptionGroup _sampling = new();
    private readonly ThinkingOption _thinking = new();
    private readonly Option<bool> _json = JsonOption.Create();

    private AskCommand()
    {
    }

    internal static Command Create()
    {
        AskCommand ask = new();
        Command command = new("ask", "Answers questions about documents that 'ahn read' has read, without reading them again.")
        {
            ask._file, ask._questions, ask._update, ask._sources,
        };
        ask._model.AddLoadingTo(command);
        command.Add(ask._model.ChatTemplate);
        ask._archive.AddAskingTo(command);
        ask._sampling.AddTo(command);
        ask._thinking.AddTo(command);
        command.Add(ask._json);
        command.SetAction(ask.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(_file)!;
        bool update = parsed.GetValue(_update), asJson = parsed.GetValue(_json);
        _sampling.Check(parsed);
        List<string> questions = [];
        foreach (string question in parsed.GetValue(_questions) ?? [])
        {
            string text = question == "-" ? await TextOptionGroup.ReadTextAsync(question, cancellationToken) : question;
            questions.Add(string.IsNullOrWhiteSpace(text) ? throw new UsageException("expected a question, found an empty one.") : text);
        }
        if (!System.IO.File.Exists(path) && questions.Find(System.IO.File.Exists) is { } swapped)
            throw new UsageException($"the file comes before the questions: ahn ask {swapped} \"{path}\".");
        if (asJson && questions.Count == 0) throw new UsageException("--json needs a question: a conversation is no JSON object.");

        // Held from before the session is read until it is written: of two that keep their questions, the second goes on from the first.
        using FileLock? alone = update ? await FileLock.TakeAsync(
            path, () => Terminal.Note($"{path} is being changed by another command: waiting for it."), cancellationToken) : null;
        DocumentsSection? documents = RecordedModel.ReadWholeDocuments(path);
        RecordedModel recorded = RecordedModel.Of(path, documents);
        ArchiveAsking? asking = _archive.Asking(parsed, path);
        using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, recorded, cancellationToken);
        using TextSession book = await Task.Run(() => model.LoadSession(path, null, asking), cancellationToken);
        _thinking.Apply(parsed, model, book);
        GenerationOptions options = _sampling.For(parsed, model, isFactual: true);
        if (model.Template is null && questions.Count > 0)
            Terminal.Note("This file has no chat template: the text is continued as it stands, by the question and what follows.");
        if (parsed.GetValue(_sources))
        {
            if (questions.Count == 0) throw new UsageException("--sources needs a question: a conversation prints answers alone.");
            if (book.State.Plan.Archive is null)
                throw new UsageException($"--sources needs an archive, and {path} was read without one: read again.");
            book.RecordsSources = true;
        }
        if (questions.Count == 0) book.RecordsSources = book.State.Plan.Archive is not null;
        if (questions.Count == 0 && model.Template is null)
            throw new UsageException("a conversation needs a chat template, and this file has none: give a question.");
        if (questions.Count == 0 || update) LoadedModel.NoteHistory(book);
        if (questions.Count == 0)
        {
            using ChatLoop loop = new(book, options, ChatLoop.DefaultKeepMegabytes, cancellationToken, keepsBeginning: true)
            {
                Guard = () => _sampling.Guard(parsed),
                Sources = session => SourceList.Of(session, model.Tokenizer, documents),
                ReadDocument = (file, stopping) => _documents.ReadAsync(parsed, file, stopping),
                Saving = RecordedModel.SavingBeside(documents, recorded),
                Inputs = [path, .. recorded.Inputs(_model, parsed)],
            };
            await ConverseAsync(loop, Keep(update, path, documents, recorded));
        }
        else
        {
            await AnswerAsync(
                book, model.Tokenizer, documents, questions, options, Keep(update, path, documents, recorded), asJson,
                () => _sampling.Guard(parsed), cancellationToken);
        }
        return AhnCommand.Done;
    }

    // Writes a session back, with what the file says of its documents.
    private static Action<TextSession>? Keep(bool update, string path, DocumentsSection? documents, RecordedModel recorded)
    {
        if (!update) return null;
        return session =>
        {
            // Written also where the command was asked to leave: it is what --update is for.
            using IDisposable finishing = CtrlC.Finishing();
            session.Save(path, RecordedModel.SavingBeside(documents, recorded));
        };
    }

    private static async Task ConverseAsync(ChatLoop loop, Action<TextSession>? keep)
    {
        try
        {
            await loop.RunAsync();
        }
        finally
        {
            keep?.Invoke(loop.Session);
        }
    }

    private static async Task AnswerAsync(
        TextSession book, QwenTokenizer tokenizer, DocumentsSection? documents, List<string> questions, GenerationOptions options,
        Action<TextSession>? keep, bool asJson, Func<RepetitionGuard?> guard, CancellationToken cancellationToken)
    {
        List<Action<Utf8JsonWriter>> answers = [];
        foreach (string question in questions)
        {
            TextSession session = keep is null ? book.Fork() : book;
            try
            {
                if (questions.Count > 1 && !asJson)
                    Terminal.Note($"> {string.Join(' ', question.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}");
                AnswerText answer = await AnswerStream.ShowAsync(
                    progress => session.AskAsync(question, options, progress, cancellationToken), print: !asJson, guard());
                GenerationStatistics took = session.Statistics!;
                AnswerSummary.Tell(session.State, took, options, answer);
                List<(SourcePlace Place, AnswerSource Source)> sources = SourceList.Of(session, tokenizer, documents);
                if (!asJson) SourceList.Print(sources);
                answers.Add(Json(question, answer, session, took, sources));
                keep?.Invoke(session);
            }
            finally
            {
                if (session != book) session.Dispose();
            }
        }
        if (asJson)
        {
            Terminal.PrintJson(json =>
            {
                json.WriteStartArray("answers");
                foreach (Action<Utf8JsonWriter> write in answers) write(json);
                json.WriteEndArray();
            });
        }
    }

    // What an answer took is written down at once: the session is gone when everything is printed.
    private static Action<Utf8JsonWriter> Json(
        string question, AnswerText answer, TextSession session, GenerationStatistics took,
        List<(SourcePlace Place, AnswerSource Source)> sources)
    {
        using System.IO.MemoryStream members = new();
        using (Utf8JsonWriter writer = new(members))
        {
            writer.WriteStartObject();
            writer.WriteString("question", question);
            writer.WriteString("text", answer.Text);
            AnswerSummary.Write(writer, session.State, took, answer.Repeated is not null);
            if (session.RecordsSources) SourceList.Write(writer, sources);
            writer.WriteEndObject();
        }
        string whole = System.Text.Encoding.UTF8.GetString(members.ToArray());
        return json => json.WriteRawValue(whole);
    }
}
