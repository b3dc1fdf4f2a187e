using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using AhnSharp.Native.Boundary;
using AhnSharp.Native.Handles;
using AhnSharp.Native.Structs;

namespace AhnSharp.Native.Exports;

/// <summary>Reading and answering.</summary>
internal static unsafe class TextExports
{
    [UnmanagedCallersOnly(EntryPoint = "ahn_session_feed", CallConvs = [typeof(CallConvCdecl)])]
    public static int Feed(nint session, byte* text, nuint length, delegate* unmanaged[Cdecl]<ProgressFacts*, void*, int> progress,
        void* user) => Call.Run(() =>
        {
            OpenSession open = HandleTable.Get<OpenSession>(session);
            string document = Utf8Text.Read(text, length, nameof(text));
            open.Use((to, running) =>
            {
                CallingThread caller = Caller(progress, user, running);
                caller.Wait(to.ReadAsync(document, caller.Progress, running.Token));
            });
        });

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_generate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Generate(
        nint session, byte* question, nuint length, GenerationSettings* options, delegate* unmanaged[Cdecl]<byte*, nuint, void*, int> text,
        void* user) => Call.Run(() =>
    {
        OpenSession open = HandleTable.Get<OpenSession>(session);
        if (text is null) throw new ArgumentException("text: expected a function that takes the answer, found NULL.");
        string asked = Utf8Text.Read(question, length, nameof(question));
        GenerationSettings settings = Sized.Read(options, nameof(options));
        GenerationOptions how = settings.ToOptions();
        open.Use((from, running) =>
        {
            CallingThread caller = Caller(settings.Progress, settings.ProgressUser, running);
            ForEach(caller, from.AskAsync(asked, how, caller.Progress, running.Token), piece =>
            {
                byte[] bytes = new byte[Encoding.UTF8.GetByteCount(piece) + 1];
                int count = Encoding.UTF8.GetBytes(piece, bytes);
                fixed (byte* start = bytes)
                {
                    if (text(start, (nuint)count, user) != 0) throw new OperationCanceledException();
                }
            });
        });
    });

    /// <summary>Where progress goes; what its function returns may cancel.</summary>
    internal static CallingThread Caller(
        delegate* unmanaged[Cdecl]<ProgressFacts*, void*, int> progress, void* user, CancellationTokenSource running) =>
            new(progress is null ? null : reading =>
            {
                ProgressFacts facts = ProgressFacts.Of(reading);
                if (progress(&facts, user) != 0) running.Cancel();
            });

    private static void ForEach(CallingThread caller, IAsyncEnumerable<string> pieces, Action<string> take)
    {
        IAsyncEnumerator<string> enumerator = pieces.GetAsyncEnumerator(CancellationToken.None);
        try
        {
            while (caller.Wait(enumerator.MoveNextAsync().AsTask())) take(enumerator.Current);
        }
        finally
        {
            enumerator.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
