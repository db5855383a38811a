"""A concept map written for tests, on a subject of its own."""

from __future__ import annotations

from studycli.documents import concept_map
from studycli.documents.outline import Outline
from studycli.model.concept import ConceptMap

GARDEN = """# Concept Map: Kitchen Garden

**Source:** Notes/garden.md
**Subject Area:** Growing food
**Date Generated:** 2026-03-01
**Total Concepts:** 7
**Total Relationships:** 6
**Season:** Spring

---

## Visual Concept Map (Mermaid)

```mermaid
graph TD
    subgraph Soil["Below Ground"]
        RN[Root Network]
        CO[Compost (Ripe)]
    end
    subgraph Air["Above Ground"]
        LC[Leaf Canopy]
        PHO[Photosynthesis]
    end
    RN -->|"feeds"| LC
    LC -->|"enables"| PHO
    CO -.->|"feeds"| RN
```

## Concept Hierarchy

```
GARDEN
├── Root Network (Fungal)
│   └── Compost
└── Leaf Canopy
```

## Relationship Matrix

| Strength | To Concept | Relationship Type | From Concept | Notes |
|--|--|--|--|--|
| Strong | Leaf Canopy | feeds | Root Network | Through the stem |
| Strong | Photosynthesis | enables | LC | |
| Medium | Root Network | feeds | Compost | |
| Weak | Nitrogen Fixation | requires | Root Network | |
| Strong | NF | hosts | Bean Plants | |
| Strong | Leaf Canopy | grows | Bean Plant | |

## Centrality Index

**High Centrality (3+ connections):**
| Concept | Incoming | Outgoing | Total | Role |
|--|--|--|--|--|
| Root Network | 1 | 2 | 3 | **Hub** |

**Low Centrality (1-2 connections):**
- Compost, Photosynthesis, Bean Plant

## Learning Pathways

### Pathway 1: From Below
**Goal:** See what feeds what
**Sequence:** Compost → Root Network → Leaf Canopy
**Duration Estimate:** One afternoon
**Prerequisites:** A spade, patience (much)
**Assessment:** Draw it

### Pathway 2: From Above
**Best For:** Sun lovers
**Sequence:** Leaf Canopy/Photosynthesis → Nitrogen Fixation
**Prerequisites:** Pathway 1

## Critical Path Analysis

**Least to Know:**
```
Root Network →
Photosynthesis
```

**Rationale:** One feeds, one pays.

## Cross-Lesson Connections

### To Lesson 2 (Kitchen)
| Garden Concept | Kitchen Connection |
|--|--|
| Bean Plant | Stew |

## Concept Definitions

| Concept | One-Line Definition |
|--|--|
| Root Network (RN) | Threads that share water |
| Nitrogen Fixation (NF) | Air made into food |
| Bean Plant | A generous legume |

## Study Recommendations

1. Dig first
2. Read later

## Weather Diary

It rained.
"""


def read(text: str, path: str = "maps/garden.md") -> ConceptMap:
    """Understand the text of a concept map."""
    return concept_map.parse(Outline(text), path)
