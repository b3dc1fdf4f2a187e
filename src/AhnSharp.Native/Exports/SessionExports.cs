using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Native.Boundary;
using AhnSharp.Native.Handles;
using AhnSharp.Native.Structs;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Native.Exports;

/// <summary>The life of sessions: created, loaded, saved, forked, reset, freed, and what they hold.</summary>
internal static unsafe class SessionExports
{
    [UnmanagedCallersOnly(EntryPoint = "ahn_session_create", CallConvs = [typeof(CallConvCdecl)])]
    public static int Create(nint model, SessionSettings* options, nint* session) => Call.Run(() =>
    {
        OpenModel open = HandleTable.Get<OpenModel>(model);
        Outputs.Check(session, nameof(session));
        SessionSettings settings = Sized.Read(options, nameof(options));
        SessionOptions what = settings.ToOptions();
        string? system = settings.SystemTurn;
        bool raw = settings.IsRaw;
        *session = OpenSession.Open(open, text => text.CreateSession(what, system, raw));
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_load", CallConvs = [typeof(CallConvCdecl)])]
    public static int Load(nint model, byte* path, nint* session) => Call.Run(() =>
    {
        OpenModel open = HandleTable.Get<OpenModel>(model);
        Outputs.Check(session, nameof(session));
        string file = Utf8Text.ReadPath(path, nameof(path));
        *session = OpenSession.Open(open, text => text.LoadSession(file));
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_save", CallConvs = [typeof(CallConvCdecl)])]
    public static int Save(nint session, byte* path, int kv) => Call.Run(() =>
    {
        OpenSession open = HandleTable.Get<OpenSession>(session);
        string file = Utf8Text.ReadPath(path, nameof(path));
        SnapshotOptions options = new() { Kv = Require.Kv(kv, nameof(kv)) };
        open.Use((text, running) => text.Save(file, options, running.Token));
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_fork", CallConvs = [typeof(CallConvCdecl)])]
    public static int Fork(nint session, nint* fork) => Call.Run(() =>
    {
        OpenSession open = HandleTable.Get<OpenSession>(session);
        Outputs.Check(fork, nameof(fork));
        *fork = open.Fork();
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_set_thinking", CallConvs = [typeof(CallConvCdecl)])]
    public static int SetThinking(nint session, int thinking) => Call.Run(() =>
    {
        OpenSession open = HandleTable.Get<OpenSession>(session);
        bool? chosen = Require.Thinking(thinking, nameof(thinking));
        open.Use((text, _) =>
        {
            if (chosen is not null && !text.KnowsThinking)
                throw new ArgumentException("thinking: expected a chat template that knows enable_thinking, and this session has none.");
            text.Thinking = chosen;
        });
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_reset", CallConvs = [typeof(CallConvCdecl)])]
    public static int Reset(nint session) => Call.Run(() => HandleTable.Get<OpenSession>(session).Use((text, _) => text.Reset()));

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_cancel", CallConvs = [typeof(CallConvCdecl)])]
    public static int Cancel(nint session) => Call.Run(() => HandleTable.Get<OpenSession>(session).Cancel());

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_info", CallConvs = [typeof(CallConvCdecl)])]
    public static int Info(nint session, SessionFacts* facts) =>
        Call.Run(
            () => HandleTable.Get<OpenSession>(session).Use((text, _) => Sized.Write(facts, SessionFacts.Of(text.State), nameof(facts))));

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_last_answer", CallConvs = [typeof(CallConvCdecl)])]
    public static int LastAnswer(nint session, AnswerFacts* facts) =>
        Call.Run(() =>
            HandleTable.Get<OpenSession>(session).Use((text, _) => Sized.Write(facts, AnswerFacts.Of(text.Statistics), nameof(facts))));

    [UnmanagedCallersOnly(EntryPoint = "ahn_session_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int Free(nint session)
    {
        int status = Call.Run(() =>
        {
            if (session != 0) HandleTable.Get<OpenSession>(session).Close(session);
        });
        OpenModel.GiveBack();
        return status;
    }
}
