using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

internal sealed class ChangeRequestConfiguration : IEntityTypeConfiguration<ChangeRequest>
{
    public void Configure(EntityTypeBuilder<ChangeRequest> builder)
    {
        // One undecided proposal per namespace: a second create cannot take the name, a second change cannot start from the same revision.
        builder.HasIndex(r => new { r.ClusterId, r.Namespace }).IsUnique().HasFilter("state = 'Pending'");
        builder.HasIndex(r => new { r.TeamId, r.Id });
        builder.HasIndex(r => new { r.State, r.Id });
        builder.HasIndex(r => r.EnvironmentId);
        builder.HasOne(r => r.Team).WithMany().HasForeignKey(r => r.TeamId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne(r => r.Cluster).WithMany().HasForeignKey(r => r.ClusterId).OnDelete(DeleteBehavior.Restrict);
        builder.OwnsContent(r => r.Content);
        builder.HasMany(r => r.Secrets).WithOne().HasForeignKey(s => s.ChangeRequestId).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(r => r.Approvals).WithOne().HasForeignKey(a => a.ChangeRequestId);
        builder.Property(r => r.FindingsJson).HasMaxLength(-1);
        builder.Property(r => r.PolicyJson).HasMaxLength(-1);
        builder.Property(r => r.Reason).HasMaxLength(2000);
        builder.Property(r => r.Outcome).HasMaxLength(4000);
        builder.Property(r => r.Version).IsConcurrencyToken();
    }
}

internal sealed class ApprovalConfiguration : IEntityTypeConfiguration<Approval>
{
    public void Configure(EntityTypeBuilder<Approval> builder)
    {
        builder.HasIndex(a => new { a.ChangeRequestId, a.DecidedBy }).IsUnique();
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.Property(a => a.Reason).HasMaxLength(2000);
    }
}

internal sealed class OperationConfiguration : IEntityTypeConfiguration<Operation>
{
    public void Configure(EntityTypeBuilder<Operation> builder)
    {
        // The sequence is the key, because only an integer key counts up by itself on SQLite.
        builder.HasKey(o => o.Sequence);
        builder.Property(o => o.Sequence).ValueGeneratedOnAdd();
        builder.HasAlternateKey(o => o.Id);
        builder.HasIndex(o => new { o.EnvironmentId, o.Sequence });
        builder.HasIndex(o => new { o.State, o.NotBefore });
        builder.HasOne(o => o.Environment).WithMany().HasForeignKey(o => o.EnvironmentId);
        builder.HasMany(o => o.Steps).WithOne().HasForeignKey(s => s.OperationId).HasPrincipalKey(o => o.Id);
        builder.Property(o => o.ErrorMessage).HasMaxLength(4000);
        builder.Property(o => o.WaitingFor).HasMaxLength(1000);
        builder.Property(o => o.StreamsJson).HasMaxLength(4000).HasDefaultValue("");
        builder.Ignore(o => o.IsFinished);
    }
}

internal sealed class QueueTurnConfiguration : IEntityTypeConfiguration<QueueTurn>
{
    public void Configure(EntityTypeBuilder<QueueTurn> builder) => builder.Property(t => t.Id).ValueGeneratedNever();
}

internal sealed class OperationStepConfiguration : IEntityTypeConfiguration<OperationStep>
{
    public void Configure(EntityTypeBuilder<OperationStep> builder) => builder.HasKey(s => new { s.OperationId, s.Order });
}

internal sealed class OperationLogConfiguration : IEntityTypeConfiguration<OperationLogLine>
{
    public void Configure(EntityTypeBuilder<OperationLogLine> builder)
    {
        builder.ToTable("operation_log");
        builder.HasIndex(l => new { l.OperationId, l.Id });
        builder.Property(l => l.Text).HasMaxLength(8000);
        builder.HasOne<Operation>().WithMany().HasForeignKey(l => l.OperationId).HasPrincipalKey(o => o.Id);
    }
}

internal sealed class ImportConfiguration : IEntityTypeConfiguration<Import>
{
    public void Configure(EntityTypeBuilder<Import> builder)
    {
        builder.HasIndex(i => new { i.PersonId, i.Id });
        builder.Property(i => i.ViewJson).HasMaxLength(-1);
        builder.HasMany(i => i.Secrets).WithOne().HasForeignKey(s => s.ImportId).OnDelete(DeleteBehavior.Cascade);

        // An import without its secrets would look like one that has none.
        builder.Navigation(i => i.Secrets).AutoInclude();

        // Unused imports are found by age, and are all that the vault's scan reads.
        builder.HasIndex(i => i.At).HasFilter("used_at IS NULL");
    }
}

internal sealed class PreflightRunConfiguration : IEntityTypeConfiguration<PreflightRun>
{
    public void Configure(EntityTypeBuilder<PreflightRun> builder)
    {
        builder.HasIndex(p => new { p.ChangeRequestId, p.Id });

        // Few rows wait or run; all the rest are finished.
        builder.HasIndex(p => new { p.State, p.Id }).HasFilter("state <> 'Finished'");
        builder.HasOne<ChangeRequest>().WithMany().HasForeignKey(p => p.ChangeRequestId);
        builder.OwnsLease();
        builder.Property(p => p.ResultsJson).HasMaxLength(-1);
    }
}
