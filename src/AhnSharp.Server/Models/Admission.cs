using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Models;

/// <summary>Who is next: requests by priority, and among equals the clients in turn, each with its own requests in order.</summary>
/// <remarks>A client with a hundred requests waits behind one with a single request as often as the other way round.</remarks>
internal sealed class Admission(int slots, int maxWaiting)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Client> _clients = new(); // those with somebody waiting, the next one first
    private readonly Dictionary<string, Client> _byName = new(StringComparer.Ordinal);
    private int _running, _waiting;

    /// <summary>Requests that have their turn.</summary>
    public int Running
    {
        get
        {
            lock (_gate) return _running;
        }
    }

    /// <summary>Requests that wait for it.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting;
        }
    }

    /// <summary>Waits for a turn, which ends when what is returned is disposed.</summary>
    /// <param name="client">Whose request it is.</param>
    /// <param name="most">How many of the client's requests may run at the same time; null: all.</param>
    /// <param name="priority">The higher the earlier.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="ApiException">Too many wait already.</exception>
    public async Task<IDisposable> EnterAsync(string client, int? most, int priority, CancellationToken cancellation)
    {
        Ticket ticket;
        lock (_gate)
        {
            if (!_byName.TryGetValue(client, out Client? own)) _byName[client] = own = new Client(client);
            own.Most = most ?? int.MaxValue;
            ticket = new Ticket(this, own, priority);
            if (_running < slots && own.Running < own.Most)
            {
                // Nobody waits who could have this turn, or it would have been given away.
                Start(ticket);
                return ticket;
            }
            if (_waiting >= maxWaiting)
            {
                Forget(own);
                throw ApiException.Busy(StatusCodes.Status429TooManyRequests, "queue_full",
                    $"{_running} requests run and {_waiting} wait, as many as this server keeps: ask again later.",
                    TimeSpan.FromSeconds(2));
            }
            own.Waiting.Add(ticket);
            _waiting++;
            if (own.Waiting.Count == 1) _clients.AddLast(own);
        }
        CancellationTokenRegistration registration = cancellation.Register(static state => ((Ticket)state!).Leave(), ticket);
        await using (registration.ConfigureAwait(false))
        {
            await ticket.Turn.Task.ConfigureAwait(false);
        }
        return ticket;
    }

    private void Start(Ticket ticket)
    {
        _running++;
        ticket.Client.Running++;
        ticket.HasTurn = true;
    }

    private void Leave(Ticket ticket)
    {
        lock (_gate)
        {
            if (ticket.HasTurn || !ticket.Client.Waiting.Remove(ticket)) return;
            _waiting--;
            if (ticket.Client.Waiting.Count == 0) _clients.Remove(ticket.Client);
            Forget(ticket.Client);
        }
        ticket.Turn.TrySetCanceled();
    }

    private void End(Ticket ticket)
    {
        List<Ticket> next = [];
        lock (_gate)
        {
            if (!ticket.HasTurn) return;
            ticket.HasTurn = false;
            _running--;
            ticket.Client.Running--;
            while (_running < slots && Next() is { } other)
            {
                Start(other);
                next.Add(other);
            }
            Forget(ticket.Client);
        }
        foreach (Ticket other in next) other.Turn.TrySetResult();
    }

    private Ticket? Next()
    {
        Client? best = null;
        Ticket? ticket = null;
        foreach (Client client in _clients.Where(static client => client.Running < client.Most))
        {
            Ticket first = client.Waiting.MaxBy(static waiting => waiting.Priority)!; // of equals the first
            if (ticket is null || first.Priority > ticket.Priority) (best, ticket) = (client, first);
        }
        if (best is null) return null;
        best.Waiting.Remove(ticket!);
        _waiting--;
        _clients.Remove(best);
        if (best.Waiting.Count > 0) _clients.AddLast(best); // behind the others
        return ticket;
    }

    private void Forget(Client client)
    {
        if (client.Running == 0 && client.Waiting.Count == 0) _byName.Remove(client.Name);
    }

    private sealed class Client(string name)
    {
        public string Name => name;
        public List<Ticket> Waiting { get; } = [];
        public int Running { get; set; }
        public int Most { get; set; } = int.MaxValue;
    }

    private sealed class Ticket(Admission admission, Client client, int priority) : IDisposable
    {
        public Client Client => client;
        public int Priority => priority;
        public bool HasTurn { get; set; }
        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Leave() => admission.Leave(this);
        public void Dispose() => admission.End(this);
    }
}
