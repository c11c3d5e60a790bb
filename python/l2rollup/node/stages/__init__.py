"""The stages of the pipeline, one file each. Each has `advance` (do what can be done) and `rewind` (undo for L1)."""

from l2rollup.node.stages.answer import Answer
from l2rollup.node.stages.base import Rewind, Stage
from l2rollup.node.stages.execute import Execute
from l2rollup.node.stages.finalize import Finalize
from l2rollup.node.stages.ingest import Ingest
from l2rollup.node.stages.prove import Prove
from l2rollup.node.stages.publish import Publish
from l2rollup.node.stages.sequence import Sequence
from l2rollup.node.stages.settle import Settle

__all__ = ["Answer", "Execute", "Finalize", "Ingest", "Prove", "Publish", "Rewind", "Sequence", "Settle", "Stage"]
