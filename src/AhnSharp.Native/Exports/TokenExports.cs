using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Native.Boundary;
using AhnSharp.Native.Handles;
using AhnSharp.Tokenizer;

namespace AhnSharp.Native.Exports;

/// <summary>Ids instead of text.</summary>
internal static unsafe class TokenExports
{
    [UnmanagedCallersOnly(EntryPoint = "ahn_tokenize", CallConvs = [typeof(CallConvCdecl)])]
    public static int Tokenize(nint model, byte* text, nuint length, int specials, int* ids, nuint capacity, nuint* count) => Call.Run(() =>
    {
        // A tokenizer is managed memory alone: it outlives a model that another thread frees meanwhile.
        QwenTokenizer tokenizer = HandleTable.Get<OpenModel>(model).Text.Tokenizer;
        string what = Utf8Text.Read(text, length, nameof(text));
        int[] encoded = Structs.Require.Flag(specials, nameof(specials)) ? tokenizer.EncodeWithSpecials(what) : tokenizer.Encode(what);
        Outputs.Fill(encoded, ids, capacity, count, nameof(ids));
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_token_bytes", CallConvs = [typeof(CallConvCdecl)])]
    public static int TokenBytes(nint model, int id, byte* bytes, nuint capacity, nuint* length) => Call.Run(() =>
    {
        TextModel text = HandleTable.Get<OpenModel>(model).Text;
        // Rows of a padded vocabulary stand for nothing.
        ReadOnlySpan<byte> found = text.Tokenizer.IsUnused(Checked(text, id)) ? [] : text.Tokenizer.BytesOf(id);
        Outputs.Fill(found, bytes, capacity, length, nameof(bytes));
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_token_is_end", CallConvs = [typeof(CallConvCdecl)])]
    public static int IsEnd(nint model, int id, int* isEnd) => Call.Run(() =>
    {
        TextModel text = HandleTable.Get<OpenModel>(model).Text;
        Outputs.Check(isEnd, "is_end");
        *isEnd = text.Tokenizer.EndTokens.Contains(Checked(text, id)) ? 1 : 0;
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_forward", CallConvs = [typeof(CallConvCdecl)])]
    public static int Forward(nint session, int* ids, nuint count, float* logits, nuint capacity) => Call.Run(() =>
    {
        OpenSession open = HandleTable.Get<OpenSession>(session);
        if (count > 0 && ids is null) throw new ArgumentException($"ids: expected {count}, found NULL.");
        if (count > (nuint)Array.MaxLength) throw new ArgumentException($"count: expected at most {Array.MaxLength:N0}, found {count:N0}.");
        int[] given = new ReadOnlySpan<int>(ids, (int)count).ToArray();
        open.Use((text, running) =>
        {
            int vocabulary = text.State.LastLogits.Length;
            if (logits is not null && capacity < (nuint)vocabulary)
                throw new BoundaryException(Status.BufferTooSmall, $"logits: expected room for {vocabulary}, found {capacity}.");
            text.ReadAsync(given, null, running.Token).GetAwaiter().GetResult();
            if (text.State.Position == 0)
                throw new ArgumentException("ids: expected at least one, because the session has read nothing yet, found none.");
            if (logits is not null) text.State.LastLogits.CopyTo(new Span<float>(logits, vocabulary));
        });
    });

    private static int Checked(TextModel text, int id) =>
        (uint)id < (uint)text.Model.Config.VocabularySize
            ? id
            : throw new ArgumentException($"id: expected a token from 0 to {text.Model.Config.VocabularySize - 1}, found {id}.");
}
