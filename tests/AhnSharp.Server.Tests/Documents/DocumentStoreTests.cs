using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Server.Tests.Documents;

public sealed class DocumentStoreTests(DemoText demo) : IClassFixture<DemoText>, IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DemoModels _models = new(demo.Model);

    private string Folder => _folder.PathOf("store");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _models.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_document_is_read_once_and_asked_with_its_sources()
    {
        await using DocumentStore store = Open();
        DocumentRecord added = (await store.AddAsync("dracula.txt", DemoText.BookWithCode)).Record;
        Assert.StartsWith("doc_", added.Id, StringComparison.Ordinal);
        DocumentRecord ready = await store.ReadyAsync(added.Id);
        Assert.Equal((DemoModels.Name, "dracula.txt"), (ready.ModelId, ready.Name));
        Assert.Equal(ready.TokensTotal, ready.Tokens.Seen);
        Assert.True(ready.Tokens.Archived > 0, $"{ready.Tokens}: nothing was archived");
        Assert.Equal(DemoText.BookWithCode.Trim().Length, ready.Entries[0].Characters);

        using OpenDocument open = await store.OpenAsync(added.Id);
        Completion answer = open.Engine.Complete(open.Context, [new ChatMessage("user", DemoText.Question)],
            new CompletionOptions { Generation = new() { MaxTokens = 24 }, RecordsSources = true });
        string said = await answer.TextAsync();
        Assert.Contains(DemoText.Answer, said, StringComparison.Ordinal);
        Assert.True(answer.Statistics!.ReusedTokens >= ready.TokensTotal, "the document was read again");
        // Question and answer push a block or two of the document out of the window.
        Assert.InRange(answer.Statistics.RetrievedTokens, 32, ready.Tokens.Archived + 64);
        // Sources are ranges of the text that the document gives out.
        IReadOnlyList<AnswerPassage> sources = store.Texts.SourcesOf(open, answer.Sources);
        Assert.NotEmpty(sources);
        string text = store.Texts.TextOf(ready);
        Assert.StartsWith("Document: dracula.txt\n", text, StringComparison.Ordinal);
        foreach (AnswerPassage source in sources)
        {
            Assert.Equal((added.Id, "dracula.txt"), (source.DocumentId, source.Name));
            string range = text.Substring((int)source.FirstCharacter!, source.Characters!.Value);
            Assert.True(range.Length > 0 && source.Source.Text.EndsWith(range, StringComparison.Ordinal), $"not '{range}'");
        }
    }

    [Fact]
    public async Task The_same_file_is_read_once_however_often_and_at_once_it_comes()
    {
        await using DocumentStore store = Open();
        string text = StoreOf.Book(4_000);
        DocumentView[] views = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => store.AddAsync($"{i}.txt", text))));
        foreach (DocumentView view in views) await store.ReadyAsync(view.Record.Id);
        DocumentRecord later = await store.ReadyAsync((await store.AddAsync("later.txt", text, DemoModels.Name)).Record.Id);
        DocumentRecord[] records = [.. views.Select(view => store.Get(view.Record.Id).Record), later];
        Assert.Single(records.Select(static record => record.ReadingKey).Distinct());
        Assert.Equal(7, records.Select(static record => record.Id).Distinct().Count());
        Assert.Equal("later.txt", later.Name);
        // Read once: what the engine has read is one text.
        Assert.InRange(_models.Engine.Load.PromptTokens, later.TokensTotal, later.TokensTotal + 8);
        Assert.Single(Directory.GetFiles(Path.Combine(Folder, "contents")));
        Assert.Single(Directory.GetFiles(Path.Combine(Folder, "readings"), "*.ahn"));

        // Each is deleted by itself; the last takes the files along.
        foreach (DocumentRecord record in records[1..])
        {
            await store.DeleteAsync(record.Id);
            Assert.Single(Directory.GetFiles(Path.Combine(Folder, "readings"), "*.ahn"));
        }
        using (OpenDocument open = await store.OpenAsync(records[0].Id)) Assert.Equal(later.TokensTotal, open.Context.Tokens.Seen);
        await store.DeleteAsync(records[0].Id);
        Assert.Empty(StoreOf.Files(Folder));
        Assert.Equal(404, Assert.Throws<ApiException>(() => store.Get(records[0].Id)).Status);
    }

    [Fact]
    public async Task What_was_being_read_goes_on_after_a_restart_to_the_same_bytes()
    {
        string text = StoreOf.Book(12_000), killed = _folder.PathOf("killed"), key;
        List<string> whole;
        await using (DocumentStore store = new(Options() with { Folder = _folder.PathOf("whole"), CheckpointTokens = 256 }, _models))
        {
            key = (await store.ReadyAsync((await store.AddAsync("book.txt", text)).Record.Id)).ReadingKey!;
            whole = StoreOf.Contents(Path.Combine(_folder.PathOf("whole"), "readings", key + ".ahn"));
        }
        string id;
        await using (DocumentStore store = new(Options() with { CheckpointTokens = 256 }, _models))
        {
            id = (await store.AddAsync("book.txt", text)).Record.Id;
            await store.UntilAsync(id, static view => view.Reading?.TokensRead > 700);
            // What a kill at this moment would leave.
            StoreOf.Copy(Folder, killed);
        }
        long before = _models.Engine.Load.PromptTokens;
        Assert.True(File.Exists(Path.Combine(Folder, "readings", key + ".ahn.reading")), "there is no checkpoint");
        Assert.False(File.Exists(Path.Combine(Folder, "readings", key + ".ahn")));
        await using (DocumentStore store = Open())
        {
            DocumentRecord ready = await store.ReadyAsync(id);
            Assert.True(_models.Engine.Load.PromptTokens - before < ready.TokensTotal - 256, "it was read from its beginning");
            Assert.Equal(whole, StoreOf.Contents(Path.Combine(Folder, "readings", key + ".ahn")));
        }
        await using (DocumentStore store = new(Options() with { Folder = killed }, _models))
        {
            before = _models.Engine.Load.PromptTokens;
            DocumentRecord ready = await store.ReadyAsync(id);
            Assert.True(_models.Engine.Load.PromptTokens - before < ready.TokensTotal - 256, "it was read from its beginning");
            Assert.Equal(whole, StoreOf.Contents(Path.Combine(killed, "readings", key + ".ahn")));
            // Snapshot, archive; and the text, the bytes and the record: nothing else is left of the kill.
            Assert.Equal(2, Directory.GetFiles(Path.Combine(killed, "readings")).Length);
            Assert.Equal(5, StoreOf.Files(killed).Length);
        }
        // And once it is ready, a restart changes nothing.
        await using (DocumentStore store = Open())
        {
            Assert.Equal(DocumentState.Ready, store.Get(id).Record.State);
            using OpenDocument open = await store.OpenAsync(id);
            Assert.Equal(store.Get(id).Record.TokensTotal, open.Context.Tokens.Seen);
        }
    }

    [Fact]
    public async Task Deleting_what_is_read_ends_the_reading_and_frees_its_files()
    {
        await using DocumentStore store = new(Options() with { CheckpointTokens = 256 }, _models);
        string id = (await store.AddAsync("book.txt", StoreOf.Book(60_000))).Record.Id;
        await store.UntilAsync(id, static view => view.Reading?.TokensRead > 300);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(Folder, "readings")));
        await store.DeleteAsync(id);
        Assert.Empty(StoreOf.Files(Folder));
        Assert.Equal(0, _models.Leases);
        // What comes next is read.
        await store.ReadyAsync((await store.AddAsync("short.txt", "A short text.")).Record.Id);
    }

    [Fact]
    public async Task A_fork_goes_on_when_the_first_is_deleted_while_it_is_read()
    {
        await using DocumentStore store = Open();
        string id = (await store.AddAsync("book.txt", StoreOf.Book(6_000))).Record.Id;
        DocumentView fork = store.Fork(id, "mine");
        await store.UntilAsync(id, static view => view.Reading?.TokensRead > 0);
        await store.DeleteAsync(id);
        DocumentRecord ready = await store.ReadyAsync(fork.Record.Id);
        Assert.Equal("mine", ready.Name);
        Assert.StartsWith("Document: book.txt\n", store.Texts.TextOf(ready), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_documents_are_one_text_and_a_source_names_its_own()
    {
        await using DocumentStore store = Open();
        DocumentView first = await store.AddAsync("first.txt", StoreOf.Book(1_500, 9_000));
        DocumentView second = await store.AddAsync("second.txt", DemoText.BookWithCode);
        DocumentRequest request = new() { Name = "both" };
        string id = store.AddCollection(request, [first.Record.Id, second.Record.Id]).Record.Id;
        DocumentRecord ready = await store.ReadyAsync(id);
        string text = store.Texts.TextOf(ready);
        Assert.StartsWith("Document: first.txt\n", text, StringComparison.Ordinal);
        Assert.Contains("\n\nDocument: second.txt\n", text, StringComparison.Ordinal);
        using OpenDocument open = await store.OpenAsync(id);
        Completion answer = open.Engine.Complete(open.Context, [new ChatMessage("user", DemoText.Question)],
            new CompletionOptions { Generation = new() { MaxTokens = 24 }, RecordsSources = true });
        string said = await answer.TextAsync();
        Assert.Contains(DemoText.Answer, said, StringComparison.Ordinal);
        // A source is a range of the text of its own document.
        IReadOnlyList<AnswerPassage> sources = store.Texts.SourcesOf(open, answer.Sources);
        Assert.Contains(sources, source => source.DocumentId == second.Record.Id);
        foreach (AnswerPassage source in sources)
        {
            DocumentRecord own = store.Get(source.DocumentId!).Record;
            string range = store.Texts.TextOf(own).Substring((int)source.FirstCharacter!, source.Characters!.Value);
            Assert.Equal(own.Name, source.Name);
            Assert.True(range.Length > 0 && source.Source.Text.Contains(range, StringComparison.Ordinal), $"not '{range}'");
        }
        // Its documents may go; it stays.
        await store.DeleteAsync(first.Record.Id);
        await store.DeleteAsync(second.Record.Id);
        Assert.Equal(text, store.Texts.TextOf(store.Get(id).Record));
        Assert.Equal("documents[1]", Assert.Throws<ApiException>(() => store.AddCollection(request, [id, "doc_none"])).Parameter);
    }

    [Fact]
    public async Task What_cannot_be_read_fails_with_the_readers_sentence_and_no_path()
    {
        await using DocumentStore store = Open();
        (string Name, byte[] Bytes, string Part)[] cases =
        [
            ("empty.txt", [], "an empty file"),
            ("broken.pdf", [.. "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Ty"u8], "broken.pdf"),
            ("picture.png", [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, 1, 2, 3, 0], "picture.png: expected text"),
        ];
        foreach ((string name, byte[] bytes, string part) in cases)
        {
            DocumentView added = await store.AddAsync(new DocumentRequest { Name = name }, new MemoryStream(bytes));
            string sentence = await store.FailedAsync(added.Record.Id);
            Assert.Contains(part, sentence, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder.PathOf(""), sentence, StringComparison.Ordinal);
            Assert.Equal("document_failed", (await Assert.ThrowsAsync<ApiException>(() => store.OpenAsync(added.Record.Id))).Code);
        }
        DocumentView unknown = await store.AddAsync("a.txt", "A text.", "nobody");
        Assert.Contains("'nobody'", await store.FailedAsync(unknown.Record.Id), StringComparison.Ordinal);
        // A fork is another try.
        Assert.Null(store.Fork(unknown.Record.Id, null).Record.Error);
        // Where a model has no memory just now, its time comes.
        _models.Busy = 3;
        await store.ReadyAsync((await store.AddAsync("b.txt", "Another text.")).Record.Id);
        Assert.Equal(0, _models.Busy);
    }

    [Theory]
    [InlineData("../../x", "x")]
    [InlineData("..\\..\\windows\\x.txt", "x.txt")]
    [InlineData("/etc/passwd", "passwd")]
    [InlineData("..", "document")]
    [InlineData("", "document")]
    [InlineData("a\0b.txt", "a\\u{0}b.txt")]
    [InlineData("a\nDocument: b.txt", "a\\u{A}Document: b.txt")]
    public async Task A_name_is_shown_and_never_a_path(string name, string shown)
    {
        await using DocumentStore store = Open();
        DocumentRecord ready = await store.ReadyAsync((await store.AddAsync(name, "A short text.")).Record.Id);
        Assert.Equal(shown, ready.Name);
        Assert.Equal(["store"], Directory.GetFileSystemEntries(_folder.PathOf("")).Select(Path.GetFileName));
        Assert.All(StoreOf.Files(Folder), file => Assert.Matches("^[a-z]+/[a-z0-9_.]+$", file.Replace('\\', '/')));
    }

    [Fact]
    public async Task A_name_is_cut_and_a_very_long_one_refused()
    {
        await using DocumentStore store = Open();
        Assert.Equal(201, (await store.AddAsync(new string('n', 300), "A text.")).Record.Name.Length);
        Assert.Equal("name", (await Assert.ThrowsAsync<ApiException>(() => store.AddAsync(new string('n', 2_000), "A text."))).Parameter);
    }

    [Fact]
    public async Task Limits_are_refused_with_both_numbers_and_leave_nothing()
    {
        await using DocumentStore store = new(
            Options() with { MaxUploadBytes = 1_000, MaxDocuments = 2, MaxBytes = 4_000 }, new DemoModels(demo.Model)
            {
                Gate = Task.Delay(Timeout.Infinite), // nothing is read: the bytes stay those of the uploads
            });
        ApiException large = await Assert.ThrowsAsync<ApiException>(() => store.AddAsync("a.txt", new string('a', 1_001)));
        Assert.Equal((413, true), (large.Status, large.Message.Contains("1000", StringComparison.Ordinal)));
        Assert.Empty(StoreOf.Files(Folder));
        await store.AddAsync("a.txt", new string('a', 900));
        await store.AddAsync("b.txt", new string('b', 900));
        ApiException many = await Assert.ThrowsAsync<ApiException>(() => store.AddAsync("c.txt", "c"));
        Assert.Equal((507, "too_many_documents"), (many.Status, many.Code));
        Assert.Contains("2", many.Message, StringComparison.Ordinal);

        await using DocumentStore small = new(
            Options() with { Folder = _folder.PathOf("small"), MaxBytes = 100 }, _models);
        ApiException full = await Assert.ThrowsAsync<ApiException>(() => small.AddAsync("a.txt", new string('a', 300)));
        Assert.Equal((507, "storage_full"), (full.Status, full.Code));
        Assert.Contains("300", full.Message, StringComparison.Ordinal);
        Assert.Contains("100", full.Message, StringComparison.Ordinal);
        Assert.Empty(StoreOf.Files(_folder.PathOf("small")));
    }

    [Fact]
    public async Task An_open_document_is_shared_and_closed_when_nobody_asks_it()
    {
        await using DocumentStore store = new(Options() with { IdleTime = TimeSpan.FromMilliseconds(50) }, _models);
        string id = (await store.AddAsync("a.txt", "A short text.")).Record.Id;
        await store.ReadyAsync(id);
        using (OpenDocument one = await store.OpenAsync(id), other = await store.OpenAsync(id))
        {
            Assert.Same(one.Context, other.Context);
            Assert.Equal(1, _models.Leases);
        }
        for (int tries = 0; tries < 1000 && _models.Leases > 0; tries++) await Task.Delay(10);
        Assert.Equal(0, _models.Leases);
        using OpenDocument again = await store.OpenAsync(id);
        Assert.Equal(1, _models.Leases);
    }

    [Fact]
    public async Task One_store_has_a_folder_and_a_damaged_record_deletes_nothing()
    {
        await using (DocumentStore store = Open())
        {
            Assert.Throws<IOException>(Open);
            await store.ReadyAsync((await store.AddAsync("a.txt", "A short text.")).Record.Id);
        }
        string record = Directory.GetFiles(Path.Combine(Folder, "records")).Single();
        await File.WriteAllTextAsync(record, "{\"version\":1}");
        string[] files = StoreOf.Files(Folder);
        await using (DocumentStore store = Open()) Assert.Empty(store.List(10).Page);
        Assert.Equal(files, StoreOf.Files(Folder));
    }

    [Fact]
    public async Task What_a_killed_server_left_is_removed_and_what_it_kept_stays()
    {
        string[] files;
        await using (DocumentStore store = Open())
        {
            await store.ReadyAsync((await store.AddAsync("a.txt", "A short text.")).Record.Id);
            files = StoreOf.Files(Folder);
        }
        string unnamed = new('0', 64), partial = $"{Guid.NewGuid():N}.partial";
        foreach (string left in new[]
        {
            "uploads/a", $"contents/{unnamed}", $"texts/{unnamed}.json", $"texts/{unnamed}.json.{partial}", $"readings/{unnamed}.ahn",
            $"readings/{unnamed}.ahn.reading", $"readings/{unnamed}.ahn.00000000.archive", $"records/doc_a.json.{partial}",
        }) await File.WriteAllTextAsync(Path.Combine(Folder, left), "left");
        await using (DocumentStore store = Open()) Assert.Equal("a.txt", Assert.Single(store.List(10).Page).Record.Name);
        Assert.Equal(files, StoreOf.Files(Folder));
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await using DocumentStore store = new(Options(), new DemoModels(demo.Model) { Gate = Task.Delay(Timeout.Infinite) });
        List<string> ids = [];
        for (int i = 0; i < 5; i++) ids.Add((await store.AddAsync($"{i}.txt", $"Text {i}.")).Record.Id);
        (IReadOnlyList<DocumentView> newest, bool more) = store.List(2);
        Assert.Equal((true, ids[4], ids[3]), (more, newest[0].Record.Id, newest[1].Record.Id));
        (IReadOnlyList<DocumentView> rest, bool none) = store.List(10, ids[3]);
        Assert.False(none);
        Assert.Equal(ids[..3].AsEnumerable().Reverse(), rest.Select(static view => view.Record.Id));
        Assert.Equal(ids, store.List(10, isAscending: true).Page.Select(static view => view.Record.Id));
        Assert.Equal("after", Assert.Throws<ApiException>(() => store.List(10, "doc_none")).Parameter);
    }

    private DocumentStoreOptions Options() => new() { Folder = Folder };

    private DocumentStore Open() => new(Options(), _models);
}
